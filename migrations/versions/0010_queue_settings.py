"""What a queue does with its calls, and what of its project it uses for that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {
    "direction": (8, "both"),
    "extension": (32, ""),
    "strategy": (32, "ring_all"),
    "unanswered": (16, "hang_up"),
}
NUMBERS = {
    "ring_s": 20,
    "wrap_up_s": 0,
    "longest_wait_s": 300,
    "service_percent": 80,
    "service_s": 20,
    "weight": 0,
}
SWITCHES = ("announces_position", "records")
OWNED = {"scenario_id": "scenarios", "overflow_id": "queues"}
SHARED = {
    "schedule_id": "schedules",
    "blocked_list_id": "number_lists",
    "vip_list_id": "number_lists",
}


def upgrade() -> None:
    with op.batch_alter_table("queues") as table:
        for name, (length, value) in TEXTS.items():
            table.add_column(_column(name, sa.String(length=length), value))
        for name, value in NUMBERS.items():
            table.add_column(_column(name, BIG_INT, str(value)))
        for name in SWITCHES:
            table.add_column(_column(name, sa.Boolean(), sa.false()))
        for name in (*OWNED, *SHARED):
            table.add_column(sa.Column(name, sa.Uuid(), nullable=True))
        for name, target in OWNED.items():
            table.create_foreign_key(
                op.f(f"fk_queues_company_id_project_id_{name}"),
                target,
                ["company_id", "project_id", name],
                ["company_id", "project_id", "id"],
            )
        for name, target in SHARED.items():
            table.create_foreign_key(
                op.f(f"fk_queues_company_id_{name}"),
                target,
                ["company_id", name],
                ["company_id", "id"],
            )
            table.create_foreign_key(
                op.f(f"fk_queues_company_id_project_id_{name}"),
                f"{target}_in_projects",
                ["company_id", "project_id", name],
                ["company_id", "project_id", "object_id"],
            )
    for name in (*OWNED, *SHARED):
        op.create_index(op.f(f"ix_queues_company_id_{name}"), "queues", ["company_id", name])


def _column(name: str, type_: sa.types.TypeEngine, value: object) -> sa.Column:
    return sa.Column(name, type_, nullable=False, server_default=value)


def downgrade() -> None:
    for name in (*OWNED, *SHARED):
        op.drop_index(op.f(f"ix_queues_company_id_{name}"), "queues")
    with op.batch_alter_table("queues") as table:
        for name in (*OWNED, *SHARED):
            table.drop_constraint(f"fk_queues_company_id_project_id_{name}", type_="foreignkey")
        for name in SHARED:
            table.drop_constraint(f"fk_queues_company_id_{name}", type_="foreignkey")
        for name in (*TEXTS, *NUMBERS, *SWITCHES, *OWNED, *SHARED):
            table.drop_column(name)
