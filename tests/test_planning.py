"""PostgreSQL plans for tables as they are, right after many rows have come in."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from portal.extensions import db
from portal.planning import plan_anew
from portal.wall.scope import unscoped

PUT = text(
    "INSERT INTO throttles (key, count, last_at)"
    " SELECT sha256(convert_to('İ' || n, 'UTF8')), n, now() FROM generate_series(1, 9000) n"
)
KNOWN = text("SELECT reltuples FROM pg_class WHERE relname = 'throttles'")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_table_that_has_grown_is_known_before_it_is_written_to(app: Flask) -> None:
    """By a role that owns no table."""
    with app.app_context(), unscoped("the test puts rows into a table"):
        plan_anew()
        assert db.session.scalar(KNOWN) < 9000
        db.session.execute(PUT)
        plan_anew()
        assert db.session.scalar(KNOWN) == 9000
        db.session.rollback()
