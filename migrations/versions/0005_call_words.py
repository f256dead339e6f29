"""Words of outbound calls, what may mean a dialer, and indexes by which words are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = ("queue_raw", "did", "trunk_raw", "account_raw", "context_raw")


def upgrade() -> None:
    with op.batch_alter_table("call_identities") as table:
        table.add_column(sa.Column("dialer_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_call_identities_company_id_dialer_id"),
            "dialers",
            ["company_id", "dialer_id"],
            ["company_id", "id"],
        )
    op.create_index(
        op.f("ix_call_identities_company_id_dialer_id"),
        "call_identities",
        ["company_id", "dialer_id"],
    )
    for name in ("account_raw", "context_raw"):
        op.add_column("visits", sa.Column(name, sa.String(length=128), nullable=True))
    op.drop_index("ix_visits_queue_raw", "visits")
    for name in WORDS:
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_visits_{name}",
            "visits",
            ["company_id", "source_id", name, "call_id"],
            sqlite_where=given,
            postgresql_where=given,
        )


def downgrade() -> None:
    for name in WORDS:
        op.drop_index(f"ix_visits_{name}", "visits")
    op.create_index("ix_visits_queue_raw", "visits", ["company_id", "source_id", "queue_raw"])
    for name in ("context_raw", "account_raw"):
        op.drop_column("visits", name)
    op.drop_index(op.f("ix_call_identities_company_id_dialer_id"), "call_identities")
    with op.batch_alter_table("call_identities") as table:
        table.drop_constraint(op.f("fk_call_identities_company_id_dialer_id"), type_="foreignkey")
        table.drop_column("dialer_id")
