"""Steps of scenarios and tags of visits; lines of SIP providers, and what they charge by prefix."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect, protect_by_links

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MEANINGS = {"scenario_id": "scenarios", "provider_id": "sip_providers"}


def upgrade() -> None:
    with op.batch_alter_table("call_identities") as table:
        for column, target in MEANINGS.items():
            table.add_column(sa.Column(column, sa.Uuid(), nullable=True))
            table.create_foreign_key(
                op.f(f"fk_call_identities_company_id_{column}"),
                target,
                ["company_id", column],
                ["company_id", "id"],
            )
    for column in MEANINGS:
        _index("call_identities", column)
    op.add_column("visits", sa.Column("provider_id", sa.Uuid(), nullable=True))
    op.create_table(
        "visit_tags",
        *_keys("visit_tags", visit_id="visits"),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.UniqueConstraint(
            "company_id", "visit_id", "tag", name=op.f("uq_visit_tags_company_id_visit_id_tag")
        ),
    )
    _index("visit_tags", "visit_id")
    op.create_table(
        "scenario_steps",
        *_keys("scenario_steps", scenario_id="scenarios"),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("thread", sa.String(length=150), nullable=False),
        sa.Column("ordinal", BIG_INT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("scenario_raw", sa.String(length=128), nullable=False),
        sa.Column("step", sa.String(length=128), nullable=False),
        sa.Column("exit", sa.String(length=8), nullable=False),
    )
    for columns in (("source_id", "thread"), ("source_id", "scenario_raw"), ("scenario_id",)):
        _index("scenario_steps", *columns)
    latest = (sa.text("started_at DESC"), sa.text("id DESC"))
    op.create_index("ix_scenario_steps_started", "scenario_steps", ["company_id", *latest])
    op.create_index(
        "ix_scenario_steps_project", "scenario_steps", ["company_id", "project_id", *latest]
    )
    protect("project", "visit_tags", "scenario_steps")
    _rates()
    _index("number_list_entries", "number")
    _notifications()


def _rates() -> None:
    op.create_table(
        "provider_rates",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.String(length=15), nullable=False),
        sa.Column("minute", BIG_INT, nullable=False),
        sa.Column("setup", BIG_INT, nullable=False),
        sa.Column("step_s", BIG_INT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "provider_id"],
            ["sip_providers.company_id", "sip_providers.id"],
            name=op.f("fk_provider_rates_company_id_provider_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_provider_rates_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_provider_rates")),
    )
    _index("provider_rates", "provider_id")
    _index("provider_rates", "provider_id", "prefix")
    rates = sa.table(
        "provider_rates",
        *(sa.column(name, BIG_INT) for name in ("company_id", "minute", "setup", "step_s")),
        *(sa.column(name, sa.Uuid()) for name in ("id", "provider_id")),
        sa.column("prefix", sa.String()),
        sa.column("starts_at", MOMENT),
    )
    providers = sa.table(
        "sip_providers",
        sa.column("company_id", BIG_INT),
        sa.column("id", sa.Uuid()),
        sa.column("prices", sa.Text()),
    )
    always = {"setup": 0, "step_s": 60, "starts_at": dt.datetime(1970, 1, 1, tzinfo=dt.UTC)}
    found = op.get_bind().execute(sa.select(providers)).all()
    rows = []
    for company_id, provider_id, prices in found:
        for line in filter(None, prices.split("\n")):
            prefix, price = line.removeprefix("+").split()
            own = {"company_id": company_id, "id": uuid.uuid4(), "provider_id": provider_id}
            minute = int(Decimal(price) * 1_000_000)
            rows.append({**own, "prefix": prefix, "minute": minute, **always})
    if rows:
        op.bulk_insert(rates, rows)
    protect_by_links("provider_rates", ("provider_id", "sip_providers_in_projects"))


def _notifications() -> None:
    op.create_table(
        "notifications",
        *_keys("notifications", template_id="notification_templates"),
        sa.Column("template_raw", sa.String(length=100), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("parts", BIG_INT, nullable=False),
        sa.Column("cost", BIG_INT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_notifications_company_id_project_id_id")
        ),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "reference",
            name=op.f("uq_notifications_company_id_project_id_reference"),
        ),
    )
    _index("notifications", "template_id")
    _index("notifications", "project_id", "sent_at")
    protect("project", "notifications")


def _keys(table: str, **targets: str) -> list[sa.schema.SchemaItem]:
    """Return the keys of a row; only of messages the project is always known."""
    references = [
        sa.ForeignKeyConstraint(
            ["company_id", column],
            [f"{target}.company_id", f"{target}.id"],
            name=op.f(f"fk_{table}_company_id_{column}"),
        )
        for column, target in {"project_id": "projects", **targets}.items()
    ]
    return [
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=table != "notifications"),
        *(sa.Column(one, sa.Uuid(), nullable=one != "visit_id") for one in targets),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        *references,
    ]


def _index(table: str, *columns: str) -> None:
    name = "_".join(("ix", table, "company_id", *columns))
    op.create_index(op.f(name), table, ["company_id", *columns])


def downgrade() -> None:
    op.drop_table("notifications")
    op.drop_index(op.f("ix_number_list_entries_company_id_number"), "number_list_entries")
    op.drop_table("provider_rates")
    op.drop_table("scenario_steps")
    op.drop_table("visit_tags")
    op.drop_column("visits", "provider_id")
    for column in MEANINGS:
        op.drop_index(op.f(f"ix_call_identities_company_id_{column}"), "call_identities")
    with op.batch_alter_table("call_identities") as table:
        for column in MEANINGS:
            name = op.f(f"fk_call_identities_company_id_{column}")
            table.drop_constraint(name, type_="foreignkey")
            table.drop_column(column)
