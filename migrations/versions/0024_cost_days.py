"""What calls to the outside cost, by days of projects and providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "cost_days"
VERSIONS = ("prices_version", "costs_version")
SUMS = ("calls", "talked_s", "rated", "counted_s", "cost")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, BIG_INT, nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f(f"fk_{TABLE}_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{TABLE}_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{TABLE}")),
    )
    for columns in (("starts_at", "project_id"), ("project_id", "starts_at")):
        name = op.f(f"ix_{TABLE}_company_id_{'_'.join(columns)}")
        op.create_index(name, TABLE, ["company_id", *columns])
    protect("project", TABLE)
    for version in VERSIONS:
        op.add_column("companies", sa.Column(version, BIG_INT, nullable=False, server_default="0"))
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("companies", version, server_default=None)
    # Where there are calls a worker fills the table and says so here.
    op.execute(
        "UPDATE companies SET prices_version = 1 WHERE EXISTS"
        " (SELECT 1 FROM visits WHERE visits.company_id = companies.id)"
    )


def downgrade() -> None:
    for version in VERSIONS:
        op.drop_column("companies", version)
    op.drop_table(TABLE)
