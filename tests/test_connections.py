"""How connections behave towards the requests that use them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.extensions import db
from portal.wall.scope import unscoped

PREPARED = text("SELECT count(*) FROM pg_prepared_statements")
WRITE = text("DELETE FROM mails")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_database_itself_refuses_to_write_for_a_get(app: Flask) -> None:
    with app.test_request_context(method="GET"), unscoped("the test writes past every model"):
        with pytest.raises(DBAPIError, match="read-only transaction"):
            db.session.execute(WRITE)
        db.session.rollback()
    with app.test_request_context(method="POST"), unscoped("the test writes past every model"):
        db.session.execute(WRITE)
        db.session.rollback()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_prepared_statements_outlive_a_request_that_only_reads(app: Flask) -> None:
    """At each ROLLBACK the driver forgets them, and every page is planned anew."""
    counts = []
    with app.test_request_context(method="GET"), unscoped("the test asks for statistics"):
        for _ in range(8):
            counts.append(db.session.scalar(PREPARED))
            db.session.rollback()
    assert counts[-1] > 0
