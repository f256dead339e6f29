"""The world of markers, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.access.world import World, build


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)
