"""Browsers that forget what they were told: each request goes out with the same cookies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.extensions import db
from tests.page import Visitor


@dataclass(frozen=True)
class Browser:
    """The cookies of somebody, and a token for forms that is good for them."""

    app: Flask
    cookie: str
    token: str

    def open(self, method: str, url: str, **options: Any) -> TestResponse:
        client = self.app.test_client(use_cookies=False)
        headers = {"Cookie": self.cookie, "Accept-Language": "en", **options.pop("headers", {})}
        return client.open(url, method=method, headers=headers, **options)


def browser(app: Flask, email: str | None) -> Browser:
    """Return a browser that is signed in as this person; as nobody without an address."""
    visitor = Visitor(app)
    if email:
        visitor.sign_in(email)
    token = visitor.token()
    cookies = visitor.cookies().items()
    return Browser(app, "; ".join(f"{name}={value}" for name, value in cookies), token)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile."""
    statements: list[str] = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
