"""Jobs: what workers do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", BIG_INT, nullable=False),
        sa.Column("total", BIG_INT, nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("attempts", BIG_INT, nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "person_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_jobs_company_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_jobs_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_open", "jobs", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        op.f("ix_jobs_company_id_person_id_id"), "jobs", ["company_id", "person_id", "id"]
    )
    op.create_index(op.f("ix_jobs_company_id_about_id"), "jobs", ["company_id", "about_id"])
    protect("company", "jobs")


def downgrade() -> None:
    op.drop_table("jobs")
