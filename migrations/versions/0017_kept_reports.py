"""Reports: favourites, saved filters and subscriptions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create("favourite_reports", unique=("report",))
    _create(
        "saved_reports",
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        unique=("report", "name_key"),
    )
    _create(
        "report_subscriptions",
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("every", sa.String(length=5), nullable=False),
        sa.Column("hour", BIG_INT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index(
        op.f("ix_report_subscriptions_company_id_person_id_id"),
        "report_subscriptions",
        ["company_id", "person_id", "id"],
    )
    op.create_index("ix_report_subscriptions_next_at", "report_subscriptions", ["next_at"])
    op.add_column("mails", sa.Column("unsubscribe", sa.String(length=500), nullable=True))


def _create(table: str, *columns: sa.Column[Any], unique: tuple[str, ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("report", sa.String(length=60), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["company_id", "person_id"],
            ["users.company_id", "users.id"],
            name=op.f(f"fk_{table}_company_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
        *_unique(table, unique),
    )
    protect("company", table)


def _unique(table: str, names: tuple[str, ...]) -> list[sa.UniqueConstraint]:
    columns = ["company_id", "person_id", *names]
    name = op.f(f"uq_{table}_{'_'.join(columns)}")
    return [sa.UniqueConstraint(*columns, name=name)] if names else []


def downgrade() -> None:
    op.drop_column("mails", "unsubscribe")
    for table in ("report_subscriptions", "saved_reports", "favourite_reports"):
        op.drop_table(table)
