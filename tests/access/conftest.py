"""The world of markers, on both databases."""

from __future__ import annotations

import pytest
from itsdangerous import TimestampSigner
from flask import Flask

from tests.access.world import World, build


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tokens and cookies be signed in the same second: equal answers are equal bytes."""
    moment = TimestampSigner("any").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: moment)
