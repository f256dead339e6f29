"""The whole schema at once: tables, policies, triggers, functions. Migrations build it in steps."""

from __future__ import annotations

from sqlalchemy import Connection

from portal import planning
from portal.audit import triggers
from portal.extensions import db
from portal.wall import rls


def create(connection: Connection) -> None:
    """Create everything on an empty database, as its owner and within ``unscoped``."""
    db.metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        for statement in rls.policies(db.metadata):
            connection.exec_driver_sql(statement)
    for module in (triggers, planning):
        for statement in module.statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
