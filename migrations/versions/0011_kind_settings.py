"""What schedules, SIP providers, notification templates and IP phones are set to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Table → column → length and value of what is there already; without a length it is a text.
TEXTS: dict[str, dict[str, tuple[int | None, str]]] = {
    "schedules": {
        "timezone": (64, "UTC"),
        **dict.fromkeys(DAYS, (200, "")),
        "exceptions": (None, ""),
    },
    "sip_providers": {
        "host": (255, ""),
        "transport": (8, "udp"),
        "connection": (16, "ip"),
        "login": (100, ""),
        "from_domain": (255, ""),
        "codecs": (None, ""),
        "numbers": (None, ""),
        "rewrites": (None, ""),
        "currency": (3, "EUR"),
        "prices": (None, ""),
    },
    "notification_templates": {
        "channel": (8, "email"),
        "template_language": (8, "en"),
        "sender": (100, ""),
        "subject": (200, ""),
        "body": (None, ""),
    },
    "ip_phones": {
        "extension": (16, ""),
        "login": (64, ""),
        "model": (100, ""),
        "caller_id": (32, ""),
        "transport": (8, "udp"),
    },
}
NUMBERS = {"sip_providers": {"port": 5060, "channels": 0}}
SECRETS = ("sip_providers", "ip_phones")


def upgrade() -> None:
    for name, columns in TEXTS.items():
        with op.batch_alter_table(name) as table:
            for column, (length, value) in columns.items():
                kind = sa.String(length=length) if length else sa.Text()
                table.add_column(sa.Column(column, kind, nullable=False, server_default=value))
            for column, number in NUMBERS.get(name, {}).items():
                table.add_column(
                    sa.Column(column, BIG_INT, nullable=False, server_default=str(number))
                )
            if name in SECRETS:
                table.add_column(sa.Column("secret", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("ip_phones") as table:
        table.add_column(sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("user_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_ip_phones_company_id_user_id"),
            "users",
            ["company_id", "user_id"],
            ["company_id", "id"],
        )
    op.create_index(op.f("ix_ip_phones_company_id_user_id"), "ip_phones", ["company_id", "user_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ip_phones_company_id_user_id"), "ip_phones")
    with op.batch_alter_table("ip_phones") as table:
        table.drop_constraint("fk_ip_phones_company_id_user_id", type_="foreignkey")
        table.drop_column("user_id")
        table.drop_column("registered_at")
    for name, columns in TEXTS.items():
        with op.batch_alter_table(name) as table:
            for column in (*columns, *NUMBERS.get(name, {}), *(("secret",) * (name in SECRETS))):
                table.drop_column(column)
