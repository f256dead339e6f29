"""Letting PostgreSQL plan for tables as they are, where many rows come in at once."""

from __future__ import annotations

from typing import Any

from portal.extensions import db
from portal.wall.scope import current

# How often a statement is run before its plan is kept, where it is run for each of many rows.
_MANY = 1000
# What a plan for any list of projects does not suit; it supposes ten.
_MANY_PROJECTS = 200
# Only who owns a table may let it be analysed, and the portal's role owns none. What has grown
# fourfold is looked at again, unless another import is at it: nobody waits.
_ANALYZE_GROWN_TABLES = """CREATE FUNCTION analyze_grown_tables() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DECLARE grown regclass;
    BEGIN
        FOR grown IN SELECT oid FROM pg_class
            WHERE relkind = 'r' AND relnamespace <> 'pg_catalog'::regnamespace
            AND pg_table_is_visible(oid)
            AND pg_relation_size(oid) > 4 * 8192 * greatest(relpages, 8)
        LOOP EXECUTE 'ANALYZE (SKIP_LOCKED) ' || grown; END LOOP;
    END $$"""


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that make what this module calls, for 'sqlite' or 'postgresql'."""
    return (_ANALYZE_GROWN_TABLES,) if dialect == "postgresql" else ()


def plan_anew() -> None:
    """Plan this transaction for tables as they are.

    PostgreSQL looks once a minute how full they are; for a table that was empty it takes any index
    that fits, and reads all of it for each row to come. A plan that was kept since then, that of a
    foreign key's check too, does the same.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.dbapi_connection
        driver.prepare_threshold = _MANY
        driver.execute("SELECT analyze_grown_tables()")
        driver.execute("DISCARD PLANS")


def plan_by_values() -> None:
    """Plan the statements of this transaction for the values that they are given.

    A plan that is kept supposes ten projects, of a company among many: for who sees much more, one
    made in a millisecond is run in half the time.
    """
    scope, connection = current(), db.session.connection()
    sees_much = scope.sees_all or len(scope.project_ids) > _MANY_PROJECTS
    if sees_much and connection.dialect.name == "postgresql":
        driver: Any = connection.connection.dbapi_connection
        driver.prepare_threshold = None
