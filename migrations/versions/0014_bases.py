"""Bases of dialers, operators and numbers of queues; references that can move together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = ("base_wrong", "base_duplicate")
TABLES = ("dialer_numbers", "queue_users", "queue_groups", "queue_numbers")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("named_by", sa.Uuid(), nullable=True))
    for name in COUNTS:
        op.add_column("dialers", sa.Column(name, BIG_INT, nullable=False, server_default="0"))
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("dialers", name, server_default=None)
    _dialer_numbers()
    _queue_members("queue_users", "user_id", "users")
    _queue_members("queue_groups", "group_id", "groups")
    _queue_numbers()
    protect("project", *TABLES)
    _let_move()


def _dialer_numbers() -> None:
    op.create_table(
        "dialer_numbers",
        *_keys("dialer_numbers", "dialer_id", "dialers"),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", BIG_INT, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=True),
        sa.UniqueConstraint(
            "company_id",
            "dialer_id",
            "number",
            name=op.f("uq_dialer_numbers_company_id_dialer_id_number"),
        ),
    )
    _index("dialer_numbers", "dialer_id", "state")
    _index("dialer_numbers", "dialer_id")


def _queue_members(table: str, column: str, target: str) -> None:
    op.create_table(
        table,
        *_keys(table, "queue_id", "queues"),
        sa.Column("penalty", BIG_INT, nullable=False),
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", column],
            [f"{target}.company_id", f"{target}.id"],
            name=op.f(f"fk_{table}_company_id_{column}"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "company_id", "queue_id", column, name=op.f(f"uq_{table}_company_id_queue_id_{column}")
        ),
    )
    _index(table, "queue_id")
    _index(table, column)


def _queue_numbers() -> None:
    op.create_table(
        "queue_numbers",
        *_keys("queue_numbers", "queue_id", "queues"),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.UniqueConstraint(
            "company_id",
            "queue_id",
            "number",
            name=op.f("uq_queue_numbers_company_id_queue_id_number"),
        ),
    )
    _index("queue_numbers", "number")
    _index("queue_numbers", "queue_id")


def _keys(table: str, column: str, target: str) -> list[sa.schema.SchemaItem]:
    """Return the columns and keys of a part of an object: it is in the project of that."""
    return [
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", column],
            [f"{target}.company_id", f"{target}.project_id", f"{target}.id"],
            name=op.f(f"fk_{table}_company_id_project_id_{column}"),
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f(f"fk_{table}_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f(f"uq_{table}_company_id_project_id_id")
        ),
    ]


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "company_id", *columns])
    op.create_index(op.f(name), table, ["company_id", *columns])


def _let_move() -> None:
    """Let references within a project wait for the end of a move, where one asks for that.

    SQLite can defer all of them as they are.
    """
    if op.get_bind().dialect.name == "postgresql":
        _alter_references("DEFERRABLE INITIALLY IMMEDIATE")


def _alter_references(how: str) -> None:
    """Change all references of three columns whose second is the project."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2]"
            " WHERE contype = 'f' AND cardinality(conkey) = 3 AND attname = 'project_id'"
            " AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    )
    for table, name in found.all():
        op.execute(f'ALTER TABLE {table} ALTER CONSTRAINT "{name}" {how}')


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _alter_references("NOT DEFERRABLE")
    for table in TABLES:
        op.drop_table(table)
    for name in COUNTS:
        op.drop_column("dialers", name)
    op.drop_column("contacts", "named_by")
