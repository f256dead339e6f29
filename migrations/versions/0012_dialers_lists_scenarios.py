"""What dialers and lists are set to, and which lists a dialer leaves out."""

from __future__ import annotations

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
            )
        table.create_check_constraint(op.f("ck_dialers_one_answers"), ONE_ANSWERS)
    for name in (*OWNED, *SHARED):
        op.create_index(op.f(f"ix_dialers_company_id_{name}"), "dialers", ["company_id", name])
    with op.batch_alter_table("number_lists") as table:
        table.add_column(_column("purpose", sa.String(length=8), "custom"))
    _exclusions()
    protect("project", "dialer_exclusions")


def _column(name: str, type_: sa.types.TypeEngine, value: object) -> sa.Column:
    return sa.Column(name, type_, nullable=False, server_default=value)


def _exclusions() -> None:
    op.create_table(
        "dialer_exclusions",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("dialer_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_dialer_exclusions_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_dialer_exclusions_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "dialer_id"],
            ["dialers.company_id", "dialers.project_id", "dialers.id"],
            name=op.f("fk_dialer_exclusions_company_id_project_id_dialer_id"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "list_id"],
            ["number_lists.company_id", "number_lists.id"],
            name=op.f("fk_dialer_exclusions_company_id_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "list_id"],
            [
                "number_lists_in_projects.company_id",
                "number_lists_in_projects.project_id",
                "number_lists_in_projects.object_id",
            ],
            name=op.f("fk_dialer_exclusions_company_id_project_id_list_id"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_dialer_exclusions")),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "id",
            name=op.f("uq_dialer_exclusions_company_id_project_id_id"),
        ),
        sa.UniqueConstraint(
            "company_id",
            "dialer_id",
            "list_id",
            name=op.f("uq_dialer_exclusions_company_id_dialer_id_list_id"),
        ),
    )
    op.create_index(
        op.f("ix_dialer_exclusions_company_id_list_id"),
        "dialer_exclusions",
        ["company_id", "list_id"],
    )


def downgrade() -> None:
    op.drop_table("dialer_exclusions")
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
