"""What dialers and lists are set to, and the drafts, versions and targets of scenarios."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {"mode": (16, "progressive"), "state": (8, "stopped"), "caller_id": (32, "")}
NUMBERS = {
    "busy_attempts": 3,
    "busy_wait_min": 10,
    "no_answer_attempts": 3,
    "no_answer_wait_min": 120,
    "failed_attempts": 1,
    "failed_wait_min": 60,
    "voicemail_attempts": 2,
    "voicemail_wait_min": 240,
    "abandoned_attempts": 2,
    "abandoned_wait_min": 15,
    "daily_limit": 0,
    "total_limit": 0,
}
OWNED = {"queue_id": "queues", "scenario_id": "scenarios"}
SHARED = {"provider_id": "sip_providers", "schedule_id": "schedules"}
MOMENT = sa.DateTime(timezone=True)
DRAFT = (
    ("draft", sa.JSON(), "{}"),
    ("draft_state", BIG_INT, "1"),
    ("used_for", sa.String(length=8), "inbound"),
)
TARGETS = {
    "schedule_id": "schedules",
    "list_id": "number_lists",
    "template_id": "notification_templates",
}
# What refers to each other in circles can only move together.
DEFERRABLE: dict[str, Any] = {"deferrable": True, "initially": "IMMEDIATE"}
ONE_ANSWERS = "queue_id IS NULL OR scenario_id IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("dialers") as table:
        for name, (length, value) in TEXTS.items():
            table.add_column(_column(name, sa.String(length=length), value))
        for name, number in NUMBERS.items():
            table.add_column(_column(name, BIG_INT, str(number)))
        for name in (*OWNED, *SHARED):
            table.add_column(sa.Column(name, sa.Uuid(), nullable=True))
        for name, target in OWNED.items():
            table.create_foreign_key(
                op.f(f"fk_dialers_company_id_project_id_{name}"),
                target,
                ["company_id", "project_id", name],
                ["company_id", "project_id", "id"],
                **DEFERRABLE,
            )
        for name, target in SHARED.items():
            table.create_foreign_key(
                op.f(f"fk_dialers_company_id_{name}"),
                target,
                ["company_id", name],
                ["company_id", "id"],
            )
            table.create_foreign_key(
                op.f(f"fk_dialers_company_id_project_id_{name}"),
                f"{target}_in_projects",
                ["company_id", "project_id", name],
                ["company_id", "project_id", "object_id"],
                **DEFERRABLE,
            )
        table.create_check_constraint(op.f("ck_dialers_one_answers"), ONE_ANSWERS)
    for name in (*OWNED, *SHARED):
        op.create_index(op.f(f"ix_dialers_company_id_{name}"), "dialers", ["company_id", name])
    with op.batch_alter_table("number_lists") as table:
        table.add_column(_column("purpose", sa.String(length=8), "custom"))
    _exclusions()
    for name, kind, default in DRAFT:
        op.add_column("scenarios", sa.Column(name, kind, nullable=False, server_default=default))
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("scenarios", name, server_default=None)
    _versions()
    _targets()
    protect("project", "dialer_exclusions", "scenario_versions", "scenario_targets")


def _column(name: str, type_: sa.types.TypeEngine, value: object) -> sa.Column:
    return sa.Column(name, type_, nullable=False, server_default=value)


def _exclusions() -> None:
    table = "dialer_exclusions"
    op.create_table(
        table,
        *_owned(table),
        sa.Column("dialer_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        _part(table, "dialer_id", "dialers"),
        *_shared(table, "list_id", "number_lists"),
        sa.UniqueConstraint(
            "company_id",
            "dialer_id",
            "list_id",
            name=op.f("uq_dialer_exclusions_company_id_dialer_id_list_id"),
        ),
    )
    _index(table, "list_id")


def _versions() -> None:
    table = "scenario_versions"
    op.create_table(
        table,
        *_owned(table),
        sa.Column("number", BIG_INT, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        _part(table, "scenario_id", "scenarios"),
        _reference(table, "published_by_id", "users"),
        sa.UniqueConstraint(
            "company_id",
            "scenario_id",
            "number",
            name=op.f("uq_scenario_versions_company_id_scenario_id_number"),
        ),
    )
    _index(table, "scenario_id")
    _index(table, "published_by_id")


def _targets() -> None:
    table = "scenario_targets"
    op.create_table(
        table,
        *_owned(table),
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in TARGETS),
        _part(table, "scenario_id", "scenarios"),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "queue_id"],
            ["queues.company_id", "queues.project_id", "queues.id"],
            name=op.f("fk_scenario_targets_company_id_project_id_queue_id"),
            **DEFERRABLE,
        ),
        *(key for name, target in TARGETS.items() for key in _shared(table, name, target)),
    )
    for name in ("scenario_id", "queue_id", *TARGETS):
        _index(table, name)


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    """Return what every table of things in one project has."""
    return [
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        _reference(table, "project_id", "projects"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f(f"uq_{table}_company_id_project_id_id")
        ),
    ]


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{target}.company_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
    )


def _part(table: str, column: str, whole: str) -> sa.ForeignKeyConstraint:
    """Return the reference of a part to its whole: it goes where that goes."""
    return sa.ForeignKeyConstraint(
        ["company_id", "project_id", column],
        [f"{whole}.company_id", f"{whole}.project_id", f"{whole}.id"],
        name=op.f(f"fk_{table}_company_id_project_id_{column}"),
        ondelete="CASCADE",
        onupdate="CASCADE",
        **DEFERRABLE,
    )


def _shared(table: str, column: str, target: str) -> list[sa.ForeignKeyConstraint]:
    """Return the references to a shared thing, and to its being in the project."""
    link = f"{target}_in_projects"
    inside = sa.ForeignKeyConstraint(
        ["company_id", "project_id", column],
        [f"{link}.company_id", f"{link}.project_id", f"{link}.object_id"],
        name=op.f(f"fk_{table}_company_id_project_id_{column}"),
        **DEFERRABLE,
    )
    return [_reference(table, column, target), inside]


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_company_id_{column}"), table, ["company_id", column])


def downgrade() -> None:
    for table in ("scenario_targets", "scenario_versions", "dialer_exclusions"):
        op.drop_table(table)
    for name, _kind, _default in DRAFT:
        op.drop_column("scenarios", name)
    with op.batch_alter_table("number_lists") as table:
        table.drop_column("purpose")
    for name in (*OWNED, *SHARED):
        op.drop_index(op.f(f"ix_dialers_company_id_{name}"), "dialers")
    with op.batch_alter_table("dialers") as table:
        table.drop_constraint("ck_dialers_one_answers", type_="check")
        for name in (*OWNED, *SHARED):
            table.drop_constraint(f"fk_dialers_company_id_project_id_{name}", type_="foreignkey")
            if name in SHARED:
                table.drop_constraint(f"fk_dialers_company_id_{name}", type_="foreignkey")
        for name in (*TEXTS, *NUMBERS, *OWNED, *SHARED):
            table.drop_column(name)
