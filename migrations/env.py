"""How migrations run: as the owner of the tables, around the walls, and rights granted after."""

from __future__ import annotations

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
    with unscoped("a schema is everybody's"), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('app.unscoped', 'on', true)")
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


def _grant(connection: Connection, role: str | None) -> None:
    if connection.dialect.name == "postgresql" and role:
        for statement in rls.grants(role):
            connection.exec_driver_sql(statement)


run()
