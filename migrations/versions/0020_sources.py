"""Sources that are followed and that send; what was sent and waits; how often calls changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW: dict[str, tuple[tuple[str, sa.types.TypeEngine, object], ...]] = {
    "call_sources": (
        ("system", sa.String(length=12), "asterisk"),
        ("paths", sa.Text(), ""),
        ("overlap_s", BIG_INT, "3600"),
        ("every_s", BIG_INT, "2"),
        ("token_end", sa.String(length=4), ""),
        ("error", sa.String(length=500), ""),
    ),
    "import_runs": (("continuous", sa.Boolean(), sa.false()),),
    "evidence_files": (("position", sa.String(length=200), ""),),
}
NULLABLE = {
    "call_sources": (
        ("database_secret", sa.LargeBinary()),
        ("token_hash", sa.LargeBinary(length=32)),
        ("keep_days", BIG_INT),
        ("looked_at", MOMENT),
        ("last_data_at", MOMENT),
        ("error_since", MOMENT),
    ),
}


def upgrade() -> None:
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, default in columns:
                batch.add_column(sa.Column(name, kind, nullable=False, server_default=default))
            for name, kind in NULLABLE.get(table, ()):
                batch.add_column(sa.Column(name, kind, nullable=True))
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, _default in columns:
                batch.alter_column(
                    name, existing_type=kind, existing_nullable=False, server_default=None
                )
            if table == "call_sources":
                batch.create_unique_constraint(op.f("uq_call_sources_token_hash"), ["token_hash"])
            if table == "evidence_files":
                kinds = {"existing_type": sa.String(length=32), "existing_nullable": False}
                batch.alter_column("kind", type_=sa.String(length=64), **kinds)
    op.create_table(
        "deliveries",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_deliveries_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_deliveries_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["call_sources.company_id", "call_sources.id"],
            name=op.f("fk_deliveries_company_id_source_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_company_id_source_id"), "deliveries", ["company_id", "source_id"]
    )
    op.create_table(
        "call_pulses",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("beats", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_call_pulses_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_call_pulses_company_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_call_pulses")),
    )
    protect("project", "deliveries", "call_pulses")


def downgrade() -> None:
    op.drop_table("call_pulses")
    op.drop_table("deliveries")
    with op.batch_alter_table("evidence_files") as batch:
        kinds = {"existing_type": sa.String(length=64), "existing_nullable": False}
        batch.alter_column("kind", type_=sa.String(length=32), **kinds)
    with op.batch_alter_table("call_sources") as batch:
        batch.drop_constraint(op.f("uq_call_sources_token_hash"), type_="unique")
    for table, columns in NEW.items():
        with op.batch_alter_table(table) as batch:
            for name, *_kind in (*columns, *NULLABLE.get(table, ())):
                batch.drop_column(name)
