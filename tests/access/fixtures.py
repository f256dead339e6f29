"""The world of markers, time that stands still, and requests that leave nothing behind."""

from __future__ import annotations

import sys
from datetime import datetime

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from portal import connections, filters
from portal.audit import trail
from portal.database import utcnow
from tests.access.world import World, build


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything happen in the same second: equal answers are equal bytes."""
    now = utcnow()
    for name, module in list(sys.modules.items()):
        if name.startswith("portal.") and getattr(module, "utcnow", None) is utcnow:
            monkeypatch.setattr(module, "utcnow", lambda: now)
    frozen = type("Frozen", (datetime,), {"now": classmethod(lambda cls, zone: now)})
    monkeypatch.setattr(filters, "datetime", frozen)  # "5 minutes ago"
    moment = TimestampSigner("any").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: moment)


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request keep what it changed, nor the record of an export or a refusal."""
    monkeypatch.setattr(connections, "writing", lambda: False)
    monkeypatch.setattr(trail, "write_apart", lambda: None)
