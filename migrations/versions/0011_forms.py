"""Drafts and published versions of CRM forms."""

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
    protect("project", "crm_form_versions")


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
    op.drop_table("crm_form_versions")
    for name, _kind, _default in DRAFT:
        op.drop_column("crm_forms", name)
