"""Rules for many words of a source, and by which of them a visit was stamped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MEANT = {
    "project": "projects",
    "source": "call_sources",
    "queue": "queues",
    "user": "users",
    "dialer": "dialers",
    "scenario": "scenarios",
    "provider": "sip_providers",
}


def upgrade() -> None:
    op.create_table(
        "call_rules",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("pattern", sa.String(length=150), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", BIG_INT, nullable=False),
        *(sa.Column(f"{name}_id", sa.Uuid(), nullable=name != "source") for name in MEANT),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_call_rules_company_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", f"{name}_id"],
                [f"{table}.company_id", f"{table}.id"],
                name=op.f(f"fk_call_rules_company_id_{name}_id"),
            )
            for name, table in MEANT.items()
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_call_rules")),
    )
    for name in MEANT:
        if name != "project":
            op.create_index(
                op.f(f"ix_call_rules_company_id_{name}_id"),
                "call_rules",
                ["company_id", f"{name}_id"],
            )
    protect("project", "call_rules")
    with op.batch_alter_table("visits") as batch:
        batch.add_column(sa.Column("stamped_by", sa.String(length=8), nullable=True))
        batch.add_column(sa.Column("rule_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("call_identities") as batch:
        batch.add_column(
            sa.Column("ruled", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("call_identities") as batch:
        batch.alter_column(
            "ruled", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    with op.batch_alter_table("call_identities") as batch:
        batch.drop_column("ruled")
    with op.batch_alter_table("visits") as batch:
        batch.drop_column("rule_id")
        batch.drop_column("stamped_by")
    op.drop_table("call_rules")
