"""Drafts and published versions of CRM forms, and forms that were filled in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DRAFT = (("draft", sa.JSON(), "{}"), ("draft_state", BIG_INT, "1"))


def upgrade() -> None:
    for name, kind, default in DRAFT:
        op.add_column("crm_forms", sa.Column(name, kind, nullable=False, server_default=default))
        if op.get_bind().dialect.name == "postgresql":  # SQLite would copy the whole table
            op.alter_column("crm_forms", name, server_default=None)
    op.create_table(
        "crm_form_versions",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", BIG_INT, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "form_id"],
            ["crm_forms.company_id", "crm_forms.project_id", "crm_forms.id"],
            name=op.f("fk_crm_form_versions_company_id_project_id_form_id"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        _reference("crm_form_versions", "project_id", "projects"),
        _reference("crm_form_versions", "published_by_id", "users"),
        _company("crm_form_versions"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_crm_form_versions")),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "id",
            name=op.f("uq_crm_form_versions_company_id_project_id_id"),
        ),
        sa.UniqueConstraint(
            "company_id",
            "form_id",
            "number",
            name=op.f("uq_crm_form_versions_company_id_form_id_number"),
        ),
    )
    _index("crm_form_versions", "form_id")
    _index("crm_form_versions", "published_by_id")
    _fields()
    _fillings()
    _answers()
    tables = ("crm_form_versions", "crm_form_fields", "form_fillings", "form_answers")
    protect("project", *tables)


def _fields() -> None:
    op.create_table(
        "crm_form_fields",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "form_id"],
            ["crm_forms.company_id", "crm_forms.project_id", "crm_forms.id"],
            name=op.f("fk_crm_form_fields_company_id_project_id_form_id"),
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        _reference("crm_form_fields", "field_id", "contact_fields"),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "field_id"],
            [
                "contact_fields_in_projects.company_id",
                "contact_fields_in_projects.project_id",
                "contact_fields_in_projects.object_id",
            ],
            name=op.f("fk_crm_form_fields_company_id_project_id_field_id"),
        ),
        _reference("crm_form_fields", "project_id", "projects"),
        _company("crm_form_fields"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_crm_form_fields")),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "id",
            name=op.f("uq_crm_form_fields_company_id_project_id_id"),
        ),
        sa.UniqueConstraint(
            "company_id",
            "form_id",
            "field_id",
            name=op.f("uq_crm_form_fields_company_id_form_id_field_id"),
        ),
    )
    _index("crm_form_fields", "form_id")
    _index("crm_form_fields", "field_id")


def _fillings() -> None:
    op.create_table(
        "form_fillings",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("version", BIG_INT, nullable=False),
        sa.Column("form_version_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("filled_by_id", sa.Uuid(), nullable=True),
        _inside("form_fillings", "form_version_id", "crm_form_versions"),
        _reference("form_fillings", "contact_id", "contacts"),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id", "contact_id"],
            [
                "contacts_in_projects.company_id",
                "contacts_in_projects.project_id",
                "contacts_in_projects.object_id",
            ],
            name=op.f("fk_form_fillings_company_id_project_id_contact_id"),
        ),
        _inside("form_fillings", "case_id", "cases"),
        _reference("form_fillings", "filled_by_id", "users"),
        _reference("form_fillings", "project_id", "projects"),
        _company("form_fillings"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_form_fillings")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_form_fillings_company_id_project_id_id")
        ),
    )
    for column in ("visit_id", "form_version_id", "contact_id", "case_id", "filled_by_id"):
        _index("form_fillings", column)


def _answers() -> None:
    op.create_table(
        "form_answers",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("filling_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=12), nullable=False),
        sa.Column("place", BIG_INT, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("counted", sa.String(length=200), nullable=False),
        _inside("form_answers", "filling_id", "form_fillings", ondelete="CASCADE"),
        _reference("form_answers", "project_id", "projects"),
        _company("form_answers"),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_form_answers")),
        sa.UniqueConstraint(
            "company_id",
            "filling_id",
            "question",
            "place",
            name=op.f("uq_form_answers_company_id_filling_id_question_place"),
        ),
    )
    _index("form_answers", "question", "counted")


def _inside(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """Refer to a row of the same project."""
    return sa.ForeignKeyConstraint(
        ["company_id", "project_id", column],
        [f"{target}.company_id", f"{target}.project_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_project_id_{column}"),
        ondelete=ondelete,
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{target}.company_id", f"{target}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
    )


def _company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id")
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "company_id", *columns])
    op.create_index(op.f(name), table, ["company_id", *columns])


def downgrade() -> None:
    for table in ("form_answers", "form_fillings", "crm_form_fields", "crm_form_versions"):
        op.drop_table(table)
    for name, _kind, _default in DRAFT:
        op.drop_column("crm_forms", name)
