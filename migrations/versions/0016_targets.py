"""Targets of projects, and how a company measures its service level."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TARGETS = ("target_service_level", "target_abandonment", "target_aht_s", "target_occupancy")
SETTINGS = {"service_s": "20", "short_abandon_s": "0"}


def upgrade() -> None:
    for name in TARGETS:
        op.add_column("projects", sa.Column(name, BIG_INT, nullable=True))
    for name, value in SETTINGS.items():
        op.add_column("companies", sa.Column(name, BIG_INT, nullable=False, server_default=value))
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("companies", name, server_default=None)


def downgrade() -> None:
    for name in SETTINGS:
        op.drop_column("companies", name)
    for name in TARGETS:
        op.drop_column("projects", name)
