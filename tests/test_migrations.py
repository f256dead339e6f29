"""The migrations make what the models say: tables, keys, indexes, policies and triggers."""

from __future__ import annotations

import datetime as dt
import re

import flask_migrate
import pytest
from sqlalchemy import NullPool, create_engine, inspect, text

from portal import create_app, schema
from portal.calls.identifiers import stable_id
from portal.database import search_key
from portal.extensions import db
from portal.wall.scope import unscoped

POSTGRESQL = {
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = '{0}'",
    "policies": "SELECT tablename, qual, with_check FROM pg_policies WHERE schemaname = '{0}'",
    "forced": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = '{0}'::regnamespace",
    "triggers": "SELECT tgname, tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
    " WHERE NOT tgisinternal AND relnamespace = '{0}'::regnamespace",
    "functions": "SELECT proname, prosecdef, proconfig, prosrc FROM pg_proc"
    " WHERE pronamespace = '{0}'::regnamespace",
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


@pytest.fixture
def old(tmp_path):
    """Give a portal on an empty SQLite, and what puts rows into its tables as they are."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "for this test"})
    plain = create_engine(url)

    def put(table, **row):
        added = f"INSERT INTO {table} ({', '.join(row)}) VALUES (:{', :'.join(row)})"
        with plain.begin() as connection:
            connection.execute(text(added), row)

    def kept(query):
        with plain.connect() as connection:
            return connection.execute(text(query)).all()

    with app.app_context(), unscoped("the rows of a migration"):
        yield put, kept
    plain.dispose()


MADE = {"created_at": "2026-11-20 10:00:00", "changed_at": "2026-11-20 10:00:00"}
DAY = "2026-11-21 00:00:00.000000"


def put_days(put):
    """Make a company with calls, the days of a project, and what is of no project."""
    company = {"timezone": "Asia/Kolkata", "language": "en", "security": "simple", "version": 1}
    put("companies", id=1, name="Żółć", **company)
    put("companies", id=2, name="of no calls", **company)
    keys = {"name_key": "istanbul", "search_key": "istanbul"}
    project = {"name": "İstanbul", "description": "", "version": 1, **keys}
    put("projects", company_id=1, id="6" * 32, is_default=0, **project, **MADE)
    sums = {"direction": "in", "first_visits": 1, "only_visits": 1, "wait_s": 7, "talk_s": 9}
    for number, (result, visits, of) in enumerate(
        [("answered", 5, "6" * 32), ("abandoned", 2, "6" * 32), ("answered", 1, None)]
    ):
        row = {"company_id": 1, "id": f"{number:032}", "project_id": of, "starts_at": DAY}
        for table in ("visit_days", "visit_hours"):
            put(table, **row, result=result, visits=visits, **sums)


def test_days_of_projects_are_made_of_the_days_that_were_there(old):
    """With the ids by which an import finds them again."""
    put, kept = old
    flask_migrate.upgrade(revision="0005")
    put_days(put)
    flask_migrate.upgrade(revision="0006")
    query = "SELECT id, project_id, starts_at, visits, answered, abandoned, wait_s, talk_s"
    found = {row[0]: tuple(row[1:]) for row in kept(f"{query} FROM project_days")}
    at = int(dt.datetime(2026, 11, 21, tzinfo=dt.UTC).timestamp())
    whole, rest = (stable_id(at, "project_days", "1", name).hex for name in ("6" * 32, "None"))
    assert found == {
        whole: ("6" * 32, DAY, 7, 5, 2, 14, 18),
        rest: (None, DAY, 1, 1, 0, 7, 9),
    }


def test_roll_ups_that_were_there_go_on_telling_results_and_are_to_be_filled(old):
    put, kept = old
    flask_migrate.upgrade(revision="0014")
    put_days(put)
    texts = ["kind", "direction", "result", "number", "digits", "digits_reversed", "caller_name"]
    flags = ("first_in_project", "crosses_projects", "only_visit", "ordinal")
    keys = ("id", "call_id", "source_id")
    row = dict.fromkeys(texts, "") | dict.fromkeys(flags, 1) | dict.fromkeys(keys, "7" * 32)
    put("visits", company_id=1, started_at="2026-11-21 10:00:00.000000", **row)
    flask_migrate.upgrade(revision="0015")
    for table in ("visit_days", "visit_hours"):
        query = f"SELECT visits, answered, abandoned, offered FROM {table} ORDER BY id"
        assert kept(query) == [(5, 5, 0, 0), (2, 0, 2, 0), (1, 1, 0, 0)]
    zones = kept("SELECT figures_timezone FROM companies ORDER BY id")
    assert zones == [(None,), ("Asia/Kolkata",)]


def test_names_that_were_there_before_are_found_afterwards(old):
    """The key by which objects are searched is made for those that are there."""
    put, kept = old
    flask_migrate.upgrade(revision="0003")
    queue = {"company_id": 1, "id": "5" * 32, "name": "İstanbul – Łódź", "name_key": "x"}
    others = {"notes": "", "active": True, "version": 1, "project_id": "6" * 32}
    put("queues", **queue, **others, **MADE)
    flask_migrate.upgrade(revision="0004")
    assert kept("SELECT search_key FROM queues") == [(search_key("İstanbul – Łódź"),)]
    assert search_key("İstanbul – Łódź") == "istanbul – lodz"
