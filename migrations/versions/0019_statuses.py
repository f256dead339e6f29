"""What operators did when, and for which projects; their lines of the evidence can be found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect, protect_by_links

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SETS, LINKS = "project_sets", "project_sets_in_projects"
OF_PROJECTS = (
    ("project_set_id", sa.Uuid()),
    ("status", sa.String(length=10)),
    ("reason", sa.String(length=80)),
)
TABLES = {
    "operator_statuses": (
        *OF_PROJECTS,
        ("starts_at", MOMENT),
        ("ends_at", MOMENT),
        ("going_on", sa.Boolean()),
        ("begins", sa.Boolean()),
        ("queues", sa.String(length=32)),
    ),
    "status_days": (
        *OF_PROJECTS,
        ("starts_at", MOMENT),
        ("seconds", BIG_INT),
        ("count", BIG_INT),
        ("longest", BIG_INT),
    ),
    "presences": (("starts_at", MOMENT), ("ends_at", MOMENT), ("going_on", sa.Boolean())),
    "presence_days": (
        ("starts_at", MOMENT),
        ("seconds", BIG_INT),
        ("first_at", MOMENT),
        ("last_at", MOMENT),
    ),
}
NULLABLE = {
    "operator_statuses": (("source_id", sa.Uuid()), ("agent_raw", sa.String(length=128))),
}
# The lines that say what an operator does, as :mod:`portal.calls.gathering` marks them.
MARK = "operator:"
VERBS = (
    *("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
    *("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"),
)


def upgrade() -> None:
    op.create_table(SETS, *_keys(SETS))
    op.create_table(
        LINKS,
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        _reference(LINKS, "object_id", SETS, ondelete="CASCADE"),
        _reference(LINKS, "project_id", "projects"),
        _company(LINKS),
        sa.PrimaryKeyConstraint("company_id", "project_id", "object_id", name=op.f(f"pk_{LINKS}")),
    )
    _index(LINKS, "object_id")
    for table, columns in TABLES.items():
        op.create_table(
            table,
            *_keys(table),
            sa.Column("agent_id", sa.Uuid(), nullable=False),
            sa.Column("operator_id", sa.Uuid(), nullable=True),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns),
            *(sa.Column(name, kind, nullable=True) for name, kind in NULLABLE.get(table, ())),
            _reference(table, "operator_id", "users"),
            *([_reference(table, "project_set_id", SETS)] if columns[0] in OF_PROJECTS else []),
        )
        _index(table, "agent_id", "starts_at")
        _index(table, "starts_at")
        if columns[0] in OF_PROJECTS:
            _index(table, "project_set_id")
    protect("project", LINKS)
    protect_by_links(SETS, ("id", LINKS), new=True)
    for table in ("operator_statuses", "status_days"):
        protect_by_links(table, ("project_set_id", LINKS))
    protect("company", "presences", "presence_days")
    _mark_lines()


def _mark_lines() -> None:
    """Mark the lines that were read before as they are marked now."""
    lines = sa.table(
        "evidence_lines",
        *(sa.column(name) for name in ("company_id", "file_id", "number", "raw", "tag", "verdict")),
    )
    files = sa.table("evidence_files", sa.column("company_id"), sa.column("id"), sa.column("kind"))
    query = (
        sa.select(lines.c.company_id, lines.c.file_id, lines.c.number, lines.c.raw)
        .join(files, (files.c.company_id == lines.c.company_id) & (files.c.id == lines.c.file_id))
        .where(
            files.c.kind == "asterisk_queue_log",
            lines.c.verdict.in_(("ok", "duplicate")),
        )
    )
    marked = [
        {"c": row.company_id, "f": row.file_id, "n": row.number, "t": f"{MARK}{agent[:128]}"}
        for row in op.get_bind().execute(query, execution_options={"yield_per": 10_000})
        for agent in _agents(bytes(row.raw))
    ]
    if marked:
        update = lines.update().where(
            lines.c.company_id == sa.bindparam("c"),
            lines.c.file_id == sa.bindparam("f"),
            lines.c.number == sa.bindparam("n"),
        )
        op.get_bind().execute(update.values(tag=sa.bindparam("t")), marked)


def _agents(raw: bytes) -> list[str]:
    text = raw.removesuffix(b"\r").decode("utf-8", "backslashreplace").replace("\0", "\ufffd")
    fields = text.split("|")
    named = len(fields) > 4 and fields[4] in VERBS and fields[3] not in ("", "NONE")
    return [fields[3]] if named else []


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _company(table),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def _company(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_company_id")
    return sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=name)


def _reference(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{target}.company_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
        ondelete=ondelete,
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "company_id", *columns])
    op.create_index(op.f(name), table, ["company_id", *columns])


def downgrade() -> None:
    for table in (*TABLES, LINKS, SETS):
        op.drop_table(table)
