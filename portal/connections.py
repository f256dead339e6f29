"""How connections behave: SQLite's manners, and the wall on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, has_app_context, has_request_context, request
from sqlalchemy import Connection, Engine, event

from portal.extensions import db
from portal.wall import proof, rls, telling
from portal.wall.scope import unscoped

# How often a statement is run before PostgreSQL keeps its plan.
_FEW = 5
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def prepare(engine: Engine) -> None:
    """Set an engine up once, before its first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "do_connect", _postgresql_connect)
        event.listen(engine, "begin", _postgresql_begin)
        dialect: Any = engine.dialect
        dialect.do_rollback = _postgresql_rollback  # there is no event that could replace it
    telling.install(engine)
    proof.install(engine)


def refuse_unsafe_role(app: Flask) -> None:
    """Refuse to serve with a role of PostgreSQL that could go around the policies."""
    with app.app_context(), unscoped("the role is asked about, no row is read"):
        if db.engine.dialect.name != "postgresql":
            return
        with db.engine.connect() as connection:
            if not rls.role_is_safe(connection):
                raise RuntimeError(
                    "DATABASE_URL names a role that can go around the walls: it must own no table,"
                    " be no superuser and have no BYPASSRLS, and each table needs its policy."
                )


def writing() -> bool:
    """Tell whether the transaction to come will write: unsafe requests, jobs and commands do."""
    if has_request_context():
        return request.method not in _SAFE_METHODS or g.get("commit_read", False)
    return not (has_app_context() and g.get("only_reading", False))


@contextmanager
def only_reading() -> Iterator[None]:
    """Let a job or a command look without holding anybody up; the session has nothing open."""
    g.only_reading = True
    try:
        yield
        db.session.rollback()
    finally:
        g.only_reading = False


def _sqlite_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "busy_timeout=15000",
        "synchronous=NORMAL",
        "cache_size=-64000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    """Take the write lock at once where something will be written: no deadlock, no lost update.

    What must outlast even a loss of power the moment it is kept says ``g.durable = True`` before.
    """
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA synchronous={'FULL' if g and g.get('durable') else 'NORMAL'}")
    cursor.execute("BEGIN IMMEDIATE" if writing() else "BEGIN")
    cursor.close()


def _postgresql_connect(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
    """Compile no query: that takes 20 ms, and what the portal asks is answered in less."""
    options["options"] = f"-c jit=off {options.get('options', '')}"


def _postgresql_begin(connection: Connection) -> None:
    """Let PostgreSQL refuse to write where nothing may be written."""
    driver: Any = connection.connection.dbapi_connection
    driver.read_only = not writing()
    driver.prepare_threshold = _FEW


def _postgresql_rollback(connection: Any) -> None:
    """End a transaction; one that only read by COMMIT.

    At each ROLLBACK psycopg forgets its prepared statements, and planning one of ours anew takes
    longer than running it.
    """
    if connection.read_only:
        connection.commit()
    else:
        connection.rollback()
