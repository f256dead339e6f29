"""PostgreSQL plans for tables as they are, right after many rows have come in."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.extensions import db
from portal.planning import plan_anew, plan_by_values
from portal.projects.models import Project
from portal.wall.scope import Scope, entered, unscoped

PUT = text(
    "INSERT INTO throttles (key, count, last_at)"
    " SELECT sha256(convert_to('İ' || n, 'UTF8')), n, now() FROM generate_series(1, 9000) n"
)
KNOWN = text("SELECT reltuples FROM pg_class WHERE relname = 'throttles'")
KEPT = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%count(projects%'")
MANY = tuple(uuid.UUID(int=number) for number in range(1, 300))


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


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        (Scope(1, project_ids=MANY[:5]), 1),
        (Scope(1, project_ids=MANY), 0),
        (Scope(1, sees_all=True), 0),
    ],
    ids=["few projects", "many projects", "everything"],
)
def test_who_sees_much_gets_plans_for_what_they_see(app: Flask, scope: Scope, kept: int) -> None:
    """By the connection's own statements; the next transaction keeps plans again."""
    with app.app_context(), entered(scope):
        for by_values in (True, False):
            db.session.rollback()
            with unscoped("the test looks at statements of nobody's"):
                db.session.execute(text("DEALLOCATE ALL"))
            for _ in range(12):
                if by_values:
                    plan_by_values()
                db.session.scalar(select(func.count(Project.id)))
            with unscoped("the test looks at statements of nobody's"):
                assert db.session.scalar(KEPT) == (kept if by_values else 1)
        db.session.rollback()
