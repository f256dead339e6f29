"""Imports of tables, and the numbers of lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect, protect_by_links

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_imports()
    _make_refusals()
    _make_mappings()
    _make_numbers()
    protect("company", "imports", "import_refusals", "import_mappings")
    protect_by_links("number_list_entries", ("list_id", "number_lists_in_projects"))


def downgrade() -> None:
    for table in ("number_list_entries", "import_mappings", "import_refusals", "imports"):
        op.drop_table(table)


def _of_person(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            ["company_id", "person_id"],
            ["users.company_id", "users.id"],
            name=op.f(f"fk_{table}_company_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f(f"pk_{table}")),
    ]


def _make_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_size", BIG_INT, nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("header", sa.Boolean(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        *(
            sa.Column(f"rows_{name}", BIG_INT, nullable=False)
            for name in ("total", "done", "new", "changed", "same", "refused")
        ),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        *_of_person("imports"),
    )
    op.create_index(
        op.f("ix_imports_company_id_person_id_id"), "imports", ["company_id", "person_id", "id"]
    )


def _make_refusals() -> None:
    op.create_table(
        "import_refusals",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", BIG_INT, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "import_id"],
            ["imports.company_id", "imports.id"],
            name=op.f("fk_import_refusals_company_id_import_id"),
            ondelete="CASCADE",
        ),
        *_of_person("import_refusals"),
    )
    op.create_index(
        op.f("ix_import_refusals_company_id_import_id_line_id"),
        "import_refusals",
        ["company_id", "import_id", "line", "id"],
    )


def _make_mappings() -> None:
    op.create_table(
        "import_mappings",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.UniqueConstraint(
            "company_id",
            "person_id",
            "target",
            "name_key",
            name=op.f("uq_import_mappings_company_id_person_id_target_name_key"),
        ),
        *_of_person("import_mappings"),
    )


def _make_numbers() -> None:
    op.create_table(
        "number_list_entries",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "list_id"],
            ["number_lists.company_id", "number_lists.id"],
            name=op.f("fk_number_list_entries_company_id_list_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_number_list_entries_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_number_list_entries")),
        sa.UniqueConstraint(
            "company_id",
            "list_id",
            "number",
            name=op.f("uq_number_list_entries_company_id_list_id_number"),
        ),
    )
    op.create_index(
        op.f("ix_number_list_entries_company_id_list_id"),
        "number_list_entries",
        ["company_id", "list_id"],
    )
