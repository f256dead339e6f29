"""The world of markers, time that stands still, and requests that leave nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

import portal
from portal import choices
from portal.audit import trail
from portal.database import utcnow
from portal.extensions import db
from tests.access.forms import Form, found_by
from tests.access.world import World, build

Found = tuple[dict[tuple[str, str], str], list[Form]]
_built: dict[str, World] = {}
_found: dict[tuple[str, str], Found] = {}


@pytest.fixture
def world(app: Flask, database: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the world of markers: built once for each database, and then brought back.

    Filters offer one choice, so that the search for the others is there to be tried.
    """
    monkeypatch.setattr(choices, "OFFERED", 1)
    with app.app_context():
        engine = db.engine
    if database.name in _built:
        engine.dispose()
        database.bring_back("world")
    else:
        _built[database.name] = build(app)
        engine.dispose()
        database.keep("world")
    return _built[database.name].copy()


@pytest.fixture
def found(app: Flask, world: World, database: Any) -> Callable[[str], Found]:
    """Find the parameters and forms of a person: once, since the world always comes back."""

    def find(who: str) -> Found:
        if (database.name, who) not in _found:
            _found[database.name, who] = found_by(app, world.people[who].email)
        return _found[database.name, who]

    return find


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything happen in the same second: equal answers are equal bytes."""
    now = utcnow()
    for name, module in list(sys.modules.items()):
        if name.startswith("portal.") and getattr(module, "utcnow", None) is utcnow:
            monkeypatch.setattr(module, "utcnow", lambda: now)
    moment = TimestampSigner("any").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: moment)


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request keep what it changed, nor the record of an export or a refusal."""
    monkeypatch.setattr(portal, "_succeeded", lambda response: False)
    monkeypatch.setattr(trail, "write_apart", lambda: None)
