"""The migrations make what the models say: tables, keys, indexes, policies and triggers."""

from __future__ import annotations

import datetime as dt
import re

import flask_migrate
import pytest
from sqlalchemy import NullPool, create_engine, inspect, select, text

from portal import create_app, schema
from portal.calls.identifiers import stable_id
from portal.calls.models import ProjectDay, VisitDay
from portal.company.models import Company
from portal.database import search_key
from portal.extensions import db
from portal.projects.models import Project
from portal.wall.scope import unscoped

POSTGRESQL = {
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = '{0}'",
    "policies": "SELECT tablename, qual, with_check FROM pg_policies WHERE schemaname = '{0}'",
    "forced": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = '{0}'::regnamespace",
    "triggers": "SELECT tgname, tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = '{0}'::regnamespace",
}


def tables(connection, name=None):
    """Return what the database says of its tables: columns, keys and checks, in any order."""
    found = inspect(connection)
    described = {}
    for table in found.get_table_names(schema=name):
        if table == "alembic_version":
            continue
        described[table] = (
            sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table, name)
            ),
            found.get_pk_constraint(table, name)["constrained_columns"],
            sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in found.get_foreign_keys(table, name)
            ),
            sorted(u["column_names"] for u in found.get_unique_constraints(table, name)),
        )
    return described


def test_sqlite_is_migrated_to_what_the_models_say(stores, tmp_path):
    app = stores.portal("sqlite")
    plain = create_engine(f"sqlite:///{tmp_path / 'models.sqlite'}", poolclass=NullPool)
    query = text("SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')")

    def said(connection):
        rows = connection.execute(query).all()
        return {name: re.sub(r"\s+", " ", sql or "") for name, sql in rows if "alembic" not in name}

    with app.app_context(), unscoped("two schemas are compared"):
        with plain.begin() as connection:
            schema.create(connection)
            expected = tables(connection), said(connection)
        with db.engine.connect() as connection:
            assert (tables(connection), said(connection)) == expected


@pytest.mark.parametrize("question", POSTGRESQL)
def test_postgresql_is_migrated_to_what_the_models_say(stores, question):
    app = stores.portal("postgresql")
    owner = create_engine(app.config["OWNER_DATABASE_URI"], poolclass=NullPool)

    def said(connection, name):
        rows = connection.execute(text(POSTGRESQL[question].format(name))).all()
        texts = (str(tuple(row)).replace(f"{name}.", "").replace(f"'{name}'", "") for row in rows)
        return sorted(t for t in texts if "alembic" not in t)

    with app.app_context(), unscoped("two schemas are compared"), owner.connect() as connection:
        migrated = tables(connection), said(connection, "public")
        connection.execute(text("CREATE SCHEMA models"))
        connection.execute(text("SET search_path = models"))
        schema.create(connection)
        assert (tables(connection, "models"), said(connection, "models")) == migrated
        connection.rollback()


def test_days_of_projects_are_made_of_the_days_that_were_there(tmp_path):
    """With the ids by which an import finds them again."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "for this test"})
    day = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    with app.app_context(), unscoped("the rows of a migration"):
        flask_migrate.upgrade(revision="0005")
        db.session.add(Company(id=1, name="Żółć"))
        db.session.flush()
        project = Project(company_id=1, name="İstanbul", name_key="istanbul")
        db.session.add(project)
        db.session.flush()
        results = (("answered", 5, project.id), ("abandoned", 2, project.id), ("answered", 1, None))
        for result, visits, of in results:
            sums = {"visits": visits, "wait_s": 7, "talk_s": 9}
            kept = VisitDay(company_id=1, starts_at=day, direction="in", result=result, **sums)
            kept.project_id = of
            db.session.add(kept)
        db.session.commit()
        flask_migrate.upgrade(revision="0006")
        found = {row.id: row for row in db.session.scalars(select(ProjectDay))}
        whole, rest = (
            found.pop(stable_id(int(day.timestamp()), "project_days", "1", name))
            for name in (project.id.hex, "None")
        )
        assert not found
        assert (whole.visits, whole.answered, whole.abandoned) == (7, 5, 2)
        assert (whole.starts_at, whole.wait_s, whole.talk_s) == (day, 14, 18)
        assert (rest.visits, rest.answered, rest.abandoned, rest.project_id) == (1, 1, 0, None)


def test_names_that_were_there_before_are_found_afterwards(tmp_path):
    """The key by which objects are searched is made for those that are there."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "for this test"})
    queue = {"company_id": 1, "id": "5" * 32, "name": "İstanbul – Łódź", "name_key": "x"}
    others = {"notes": "", "active": True, "version": 1, "project_id": "6" * 32}
    moments = {"created_at": "2026-11-22 10:00:00", "changed_at": "2026-11-22 10:00:00"}
    row = {**queue, **others, **moments}
    added = f"INSERT INTO queues ({', '.join(row)}) VALUES (:{', :'.join(row)})"
    plain = create_engine(url)
    with app.app_context():
        flask_migrate.upgrade(revision="0003")
        with plain.begin() as connection:
            connection.execute(text(added), row)
        flask_migrate.upgrade(revision="0004")
    with plain.connect() as connection:
        found = connection.scalar(text("SELECT search_key FROM queues"))
    assert found == search_key("İstanbul – Łódź") == "istanbul – lodz"
