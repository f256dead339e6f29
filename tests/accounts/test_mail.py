"""Sending of mails: after the transaction, once, and again when it failed."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from sqlalchemy import select, update

from portal.accounts import afterwards
from portal.accounts.models import Mail
from portal.database import utcnow
from portal.extensions import db
from tests.factories import building, company, user

EMAIL = "ola@example.org"


class Server:
    """Stands for a mail server; ``fails`` makes it refuse."""

    fails = False
    sent: list = []

    def __init__(self, host, port, timeout):
        if Server.fails:
            raise ConnectionRefusedError

    def __enter__(self):
        return self

    def __exit__(self, *given):
        return None

    def has_extn(self, name):
        return False

    def send_message(self, message):
        Server.sent.append(message)


@pytest.fixture
def server(app, monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setattr(Server, "fails", False)
    monkeypatch.setattr(Server, "sent", [])
    app.config["MAIL_SERVER"] = "mail.example.org"
    with building(app):
        company()
        user("Ola Żak", email=EMAIL)
    return Server


def left(app) -> list[int]:
    """Return how often each waiting mail was tried."""
    with app.app_context():
        return [row.tries for row in db.session.scalars(select(Mail).order_by(Mail.id))]


def test_a_mail_is_sent_and_not_kept(server, app, visitor):
    visitor().post("/forgot", {"email": EMAIL})
    (message,) = server.sent
    assert message["To"] == EMAIL
    assert message["From"] == "bulkhead@localhost"
    assert message["Subject"] == "Choose a new password"
    assert "http://localhost/choose-password/" in message.get_content()
    assert left(app) == []


def test_what_could_not_be_sent_is_tried_again(server, app, visitor):
    server.fails = True
    visitor().post("/forgot", {"email": EMAIL})
    assert (server.sent, left(app)) == ([], [1])
    server.fails = False
    afterwards.run(app)  # another worker may be at it still
    assert (server.sent, left(app)) == ([], [1])
    with app.app_context():
        db.session.execute(update(Mail).values(taken_until=utcnow() - dt.timedelta(seconds=1)))
        db.session.commit()
    result = app.test_cli_runner().invoke(args=["portal", "send-mails"])
    assert result.exit_code == 0, result.output
    assert (len(server.sent), left(app)) == (1, [])


def test_the_demo_sends_nothing(server, app, visitor):
    app.config["DEMO"] = True
    visitor().post("/forgot", {"email": EMAIL})
    assert (server.sent, left(app)) == ([], [0])
    page = visitor().get("/outbox")
    assert page.texts("article h2") == ["Choose a new password"]
    link = page.one("article a").attributes["href"]
    assert visitor().get(link.removeprefix("http://localhost")).heading == "Choose a password"


def test_there_is_no_outbox_but_in_the_demo(server, visitor):
    visitor().get("/outbox", status=404)
