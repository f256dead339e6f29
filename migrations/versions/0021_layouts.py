"""How tables of calls are to be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "call_layouts"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{TABLE}_company_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", column],
                [f"{table}.company_id", f"{table}.id"],
                name=op.f(f"fk_{TABLE}_company_id_{column}"),
            )
            for column, table in (("project_id", "projects"), ("source_id", "call_sources"))
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "company_id",
            "source_id",
            "name_key",
            name=op.f(f"uq_{TABLE}_company_id_source_id_name_key"),
        ),
    )
    op.create_index(op.f(f"ix_{TABLE}_company_id_source_id"), TABLE, ["company_id", "source_id"])
    protect("project", TABLE)
    with op.batch_alter_table("import_runs") as batch:
        batch.add_column(sa.Column("touched", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("import_runs") as batch:
        batch.drop_column("touched")
    op.drop_table(TABLE)
