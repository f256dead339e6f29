"""How migrations run: as the owner of the tables, around the walls, and rights granted after."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, NullPool, create_engine, make_url

from portal.extensions import db
from portal.wall import rls
from portal.wall.scope import unscoped


def run() -> None:
    """Bring the database up to date in one transaction, and let the portal's role work in it."""
    application = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    owner = make_url(current_app.config["OWNER_DATABASE_URI"] or application)
    engine = db.engine if owner == application else create_engine(owner, poolclass=NullPool)
    with unscoped("a schema is everybody's"), engine.connect() as connection:
        broken = _prepare(connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        if owner.username != application.username:
            _grant(connection, application.username)
        _finish(connection, broken)


def _prepare(connection: Connection) -> set[Any]:
    """Return the references that are broken already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config('app.unscoped', 'on', true)")
        return set()
    # SQLite changes a table by making it anew: what refers to it would go with the old one.
    _foreign_keys(connection, "OFF")
    return _broken(connection)


def _finish(connection: Connection, broken: set[Any]) -> None:
    """Commit, unless the migration broke a reference."""
    if connection.dialect.name == "sqlite" and (more := _broken(connection) - broken):
        raise RuntimeError(f"the migration breaks references: {sorted(more)[:5]}")
    connection.commit()
    if connection.dialect.name == "sqlite":
        _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Turn them on or off, which SQLite does between transactions only."""
    driver = connection.connection.cursor()
    driver.execute(f"PRAGMA foreign_keys={state}")
    driver.close()


def _broken(connection: Connection) -> set[Any]:
    return {tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}


def _grant(connection: Connection, role: str | None) -> None:
    if connection.dialect.name == "postgresql" and role:
        for statement in rls.grants(role):
            connection.exec_driver_sql(statement)


run()
