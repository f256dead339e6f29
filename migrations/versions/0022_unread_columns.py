"""What nobody read of sources and deliveries goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("call_sources") as batch:
        batch.drop_column("every_s")
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("content_type")


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(
            sa.Column("content_type", sa.String(length=100), nullable=False, server_default="")
        )
    with op.batch_alter_table("call_sources") as batch:
        batch.add_column(sa.Column("every_s", BIG_INT, nullable=False, server_default="2"))
