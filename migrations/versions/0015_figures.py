"""More figures of visits, by hours of projects and days of operators, and days of local time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIGURES = (
    "visits",
    "first_visits",
    "only_visits",
    "wait_s",
    "talk_s",
    "answered",
    "abandoned",
    "offered",
    "served",
    "served_wait_s",
    "served_10",
    "served_20",
    "served_30",
    "served_60",
    "served_120",
    "offered_abandoned",
    "abandoned_5",
    "abandoned_10",
    "longest_wait_s",
)
_OF_RESULTS = ("answered", "abandoned")
# What each table had before.
OLD = {
    "visit_hours": FIGURES[:5],
    "visit_days": FIGURES[:5],
    "project_days": ("visits", "wait_s", "talk_s", *_OF_RESULTS),
}
NEW = {"project_hours": (), "operator_days": ("operator_id", "queue_id", "direction")}


def upgrade() -> None:
    for table, old in OLD.items():
        for name in FIGURES:
            if name not in old:
                _add_figure(table, name)
    for table in ("visit_hours", "visit_days"):
        for result in _OF_RESULTS:
            kept = sa.table(table, sa.column("visits"), sa.column("result"), sa.column(result))
            op.execute(kept.update().where(kept.c.result == result).values({result: kept.c.visits}))
    for table, more in NEW.items():
        _create(table, *more)
    protect("project", *NEW)
    op.add_column("companies", sa.Column("figures_timezone", sa.String(64), nullable=True))
    # Where there are calls a worker, or the command, fills the tables anew and says so here.
    op.execute(
        "UPDATE companies SET figures_timezone = timezone WHERE NOT EXISTS"
        " (SELECT 1 FROM visits WHERE visits.company_id = companies.id)"
    )


def _add_figure(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, BIG_INT, nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
        op.alter_column(table, name, server_default=None)


def _create(table: str, *more: str) -> None:
    columns = {
        "operator_id": sa.Column("operator_id", sa.Uuid(), nullable=False),
        "queue_id": sa.Column("queue_id", sa.Uuid(), nullable=True),
        "direction": sa.Column("direction", sa.String(length=8), nullable=False),
    }
    op.create_table(
        table,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        *(sa.Column(name, BIG_INT, nullable=False) for name in FIGURES),
        *(columns[name] for name in more),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f(f"fk_{table}_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    )
    pairs = [("starts_at", "project_id"), ("project_id", "starts_at")]
    pairs += [("operator_id", "starts_at")] * ("operator_id" in more)
    for pair in pairs:
        op.create_index(
            op.f(f"ix_{table}_company_id_{'_'.join(pair)}"), table, ["company_id", *pair]
        )


def downgrade() -> None:
    """Leave the days cut as they are, which the version before takes for days of UTC."""
    op.drop_column("companies", "figures_timezone")
    for table in NEW:
        op.drop_table(table)
    for table, old in OLD.items():
        for name in FIGURES:
            if name not in old:
                op.drop_column(table, name)
