"""The company of the tests of the intake, and what its call log holds."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.calls.models import Visit
from portal.extensions import db
from tests.calls.test_intake import admin, cast, rows
from tests.factories import building

__all__ = ["admin", "calls", "cast", "rows"]


@pytest.fixture
def calls(app, cast):
    """Return what the visits of the company say, in the order of their times."""

    def read(*names):
        with building(app, of=cast["admin"]):
            visits = db.session.scalars(select(Visit).order_by(Visit.started_at, Visit.id)).all()
            return [tuple(getattr(visit, name) for name in names) for visit in visits]

    return read
