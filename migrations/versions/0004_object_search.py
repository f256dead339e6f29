"""The names of objects as they are searched: without case and accents."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "contact_fields",
    "crm_forms",
    "dialers",
    "ip_phones",
    "notification_templates",
    "number_lists",
    "queues",
    "scenarios",
    "schedules",
    "sip_providers",
)


def upgrade() -> None:
    for table in TABLES:
        key = sa.Column("search_key", sa.String(length=600), nullable=False, server_default="")
        op.add_column(table, key)
        _fill(table)
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column(table, "search_key", server_default=None)
        op.create_index(
            op.f(f"ix_{table}_company_id_search_key_id"), table, ["company_id", "search_key", "id"]
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_company_id_search_key_id"), table)
        op.drop_column(table, "search_key")


def _fill(name: str) -> None:
    table = sa.table(
        name,
        sa.column("company_id", sa.BigInteger),
        sa.column("id", sa.Uuid),
        sa.column("name", sa.String),
        sa.column("search_key", sa.String),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.company_id, table.c.id, table.c.name)).all()
    for company_id, row_id, text in rows:
        mine = (table.c.company_id == company_id, table.c.id == row_id)
        connection.execute(sa.update(table).where(*mine).values(search_key=_key(text)))


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i").replace("ł", "l"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))[:600]
