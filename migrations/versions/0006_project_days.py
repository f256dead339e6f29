"""Totals of each day of a whole project."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "project_days"
BATCH = 1000


def upgrade() -> None:
    days = op.create_table(
        TABLE,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("visits", BIG_INT, nullable=False),
        sa.Column("wait_s", BIG_INT, nullable=False),
        sa.Column("talk_s", BIG_INT, nullable=False),
        sa.Column("answered", BIG_INT, nullable=False),
        sa.Column("abandoned", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_project_days_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_project_days_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_project_days")),
    )
    for columns in (("starts_at", "project_id"), ("project_id", "starts_at")):
        name = op.f(f"ix_project_days_company_id_{'_'.join(columns)}")
        op.create_index(name, TABLE, ["company_id", *columns], unique=False)
    _fill(days)
    protect("project", TABLE)


def downgrade() -> None:
    op.drop_table(TABLE)


def _fill(days: sa.Table) -> None:
    """Sum up what the totals of days know already."""
    names = ("company_id", "project_id", "starts_at", "result", "visits", "wait_s", "talk_s")
    finer = sa.table(
        "visit_days",
        *(sa.column(name, days.c.get(name, sa.Column(sa.String)).type) for name in names),
    )

    def of(result: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((finer.c.result == result, finer.c.visits), else_=0))

    group = (finer.c.company_id, finer.c.project_id, finer.c.starts_at)
    connection = op.get_bind()
    found = connection.execute(
        sa.select(
            *group,
            sa.func.sum(finer.c.visits).label("visits"),
            of("answered").label("answered"),
            of("abandoned").label("abandoned"),
            sa.func.sum(finer.c.wait_s).label("wait_s"),
            sa.func.sum(finer.c.talk_s).label("talk_s"),
        ).group_by(*group)
    )
    for rows in found.mappings().partitions(BATCH):
        connection.execute(sa.insert(days), [{**row, "id": _id(row)} for row in rows])


def _id(row: sa.RowMapping) -> uuid.UUID:
    """Name a row as portal.calls.totals does, which adds to it later."""
    start: dt.datetime = row["starts_at"]
    start = start.replace(tzinfo=start.tzinfo or dt.UTC)
    project = row["project_id"]
    parts = (TABLE, str(row["company_id"]), project.hex if project else "None")
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=10).digest()
    bits = int.from_bytes(digest, "big") >> 6
    head, tail = bits >> 62, bits & ((1 << 62) - 1)
    milliseconds = int(start.timestamp()) * 1000 & ((1 << 48) - 1)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | head << 64 | 0b10 << 62 | tail)
