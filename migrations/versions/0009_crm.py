"""Contacts, their values, their cases, and what a contact field asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect, protect_by_links

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SETTINGS = (
    ("type", sa.String(length=10), "text"),
    ("choices", sa.JSON(), "[]"),
    ("pattern", sa.String(length=100), ""),
    ("required", sa.Boolean(), sa.false()),
    ("show_in_list", sa.Boolean(), sa.false()),
    ("hidden_from", sa.JSON(), "[]"),
    ("read_only_for", sa.JSON(), "[]"),
)


def upgrade() -> None:
    _fields()
    _contacts()
    _values()
    _cases()
    _case_calls()
    protect_by_links("contacts", ("id", "contacts_in_projects"), new=True)
    protect("project", "contacts_in_projects", "cases", "case_calls")
    protect_by_links(
        "contact_values",
        ("contact_id", "contacts_in_projects"),
        ("field_id", "contact_fields_in_projects"),
    )


def _fields() -> None:
    for name, kind, default in SETTINGS:
        column = sa.Column(name, kind, nullable=False, server_default=default)
        op.add_column("contact_fields", column)
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("contact_fields", name, server_default=None)


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("phone_key", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        _reference("contacts", "created_by_id", "users"),
        _company("contacts"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_contacts")),
    )
    _index("contacts", "search_key", "id")
    _index("contacts", "phone_key")
    _index("contacts", "created_by_id")
    op.create_table(
        "contacts_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        _reference("contacts_in_projects", "object_id", "contacts", ondelete="CASCADE"),
        _reference("contacts_in_projects", "project_id", "projects"),
        _company("contacts_in_projects"),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_contacts_in_projects")
        ),
    )
    _index("contacts_in_projects", "object_id")


def _values() -> None:
    op.create_table(
        "contact_values",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        _reference("contact_values", "contact_id", "contacts"),
        _reference("contact_values", "field_id", "contact_fields"),
        _company("contact_values"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_contact_values")),
        sa.UniqueConstraint(
            "company_id",
            "contact_id",
            "field_id",
            name=op.f("uq_contact_values_company_id_contact_id_field_id"),
        ),
    )
    _index("contact_values", "field_id", "search_key")
    _index("contact_values", "field_id")
    _index("contact_values", "contact_id")


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        _reference("cases", "project_id", "projects"),
        _reference("cases", "contact_id", "contacts"),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "contact_id"],
            [
                "contacts_in_projects.company_id",
                "contacts_in_projects.project_id",
                "contacts_in_projects.object_id",
            ],
            name=op.f("fk_cases_company_id_project_id_contact_id"),
        ),
        _reference("cases", "owner_id", "users"),
        _reference("cases", "created_by_id", "users"),
        _company("cases"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_cases_company_id_project_id_id")
        ),
    )
    _index("cases", "contact_id")
    _index("cases", "created_by_id")
    _index("cases", "owner_id")
    _index("cases", "project_id", "status", "id")


def _case_calls() -> None:
    op.create_table(
        "case_calls",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "case_id"],
            ["cases.company_id", "cases.project_id", "cases.id"],
            name=op.f("fk_case_calls_company_id_project_id_case_id"),
            ondelete="CASCADE",
        ),
        _reference("case_calls", "project_id", "projects"),
        _company("case_calls"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_case_calls")),
        sa.UniqueConstraint(
            "company_id",
            "case_id",
            "visit_id",
            name=op.f("uq_case_calls_company_id_case_id_visit_id"),
        ),
    )
    _index("case_calls", "visit_id")


def _reference(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{target}.company_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
        ondelete=ondelete,
    )


def _company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "company_id", *columns])
    op.create_index(op.f(name), table, ["company_id", *columns])


def downgrade() -> None:
    for table in ("case_calls", "cases", "contact_values", "contacts_in_projects", "contacts"):
        op.drop_table(table)
    for name, _kind, _default in SETTINGS:
        op.drop_column("contact_fields", name)
