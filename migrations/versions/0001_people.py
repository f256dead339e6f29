"""Companies, their people and projects, signing in, and the trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import append_only, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "address_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("email_key", sa.String(length=500), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_events")),
    )
    op.create_table(
        "companies",
        sa.Column("id", BIG_INT, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "security",
            sa.Enum("simple", "enhanced", name="security", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("version", BIG_INT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("tries", BIG_INT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("count", BIG_INT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("seq", BIG_INT, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_audit_heads_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "groups",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_groups_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_groups")),
        sa.UniqueConstraint("company_id", "name_key", name=op.f("uq_groups_company_id_name_key")),
    )
    op.create_table(
        "projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_projects_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_projects")),
    )
    op.create_index(
        op.f("ix_projects_company_id_name_key"),
        "projects",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_index(
        "uq_projects_one_default",
        "projects",
        ["company_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "roles",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("template", sa.String(length=16), nullable=True),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_roles_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_roles")),
        sa.UniqueConstraint("company_id", "name_key", name=op.f("uq_roles_company_id_name_key")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("seq", BIG_INT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("object_name", sa.String(length=300), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_audit_entries_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_audit_entries_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("company_id", "seq", name=op.f("uq_audit_entries_company_id_seq")),
    )
    op.create_index(
        op.f("ix_audit_entries_company_id_at"), "audit_entries", ["company_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_audit_entries_company_id_project_id_seq"),
        "audit_entries",
        ["company_id", "project_id", "seq"],
        unique=False,
    )
    op.create_table(
        "project_groups",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "group_id"],
            ["groups.company_id", "groups.id"],
            name=op.f("fk_project_groups_company_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_project_groups_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_project_groups_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "group_id", name=op.f("pk_project_groups")
        ),
    )
    op.create_index(
        op.f("ix_project_groups_company_id_group_id"),
        "project_groups",
        ["company_id", "group_id"],
        unique=False,
    )
    op.create_table(
        "role_permissions",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["roles.company_id", "roles.id"],
            name=op.f("fk_role_permissions_company_id_role_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_role_permissions_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "role_id", "permission", name=op.f("pk_role_permissions")
        ),
    )
    op.create_table(
        "users",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=500), nullable=False),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", BIG_INT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("invited_at", MOMENT, nullable=True),
        sa.Column("last_sign_in_at", MOMENT, nullable=True),
        sa.Column("locked_at", MOMENT, nullable=True),
        sa.Column("version", BIG_INT, nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["roles.company_id", "roles.id"],
            name=op.f("fk_users_company_id_role_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_users_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_users")),
        sa.UniqueConstraint("company_id", "email_key", name=op.f("uq_users_company_id_email_key")),
    )
    op.create_index(
        op.f("ix_users_company_id_name_key"), "users", ["company_id", "name_key"], unique=False
    )
    op.create_index(
        op.f("ix_users_company_id_role_id"), "users", ["company_id", "role_id"], unique=False
    )
    op.create_index(
        op.f("ix_users_company_id_search_key_id"),
        "users",
        ["company_id", "search_key", "id"],
        unique=False,
    )
    op.create_index("ix_users_email_key", "users", ["email_key"], unique=False)
    op.create_table(
        "auth_sessions",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=300), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_auth_sessions_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_auth_sessions_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_auth_sessions")),
    )
    op.create_index(
        op.f("ix_auth_sessions_company_id_user_id"),
        "auth_sessions",
        ["company_id", "user_id"],
        unique=False,
    )
    op.create_index("ix_auth_sessions_token_hash", "auth_sessions", ["token_hash"], unique=True)
    op.create_table(
        "group_users",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "group_id"],
            ["groups.company_id", "groups.id"],
            name=op.f("fk_group_users_company_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_group_users_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_group_users_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "group_id", "user_id", name=op.f("pk_group_users")),
    )
    op.create_index(
        op.f("ix_group_users_company_id_group_id"),
        "group_users",
        ["company_id", "group_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_group_users_company_id_user_id"),
        "group_users",
        ["company_id", "user_id"],
        unique=False,
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("invitation", "reset", "step", name="purpose", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_one_time_tokens_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_one_time_tokens_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_one_time_tokens")),
    )
    op.create_index(
        op.f("ix_one_time_tokens_company_id_user_id"),
        "one_time_tokens",
        ["company_id", "user_id"],
        unique=False,
    )
    op.create_index(
        "ix_one_time_tokens_token_hash", "one_time_tokens", ["token_hash"], unique=False
    )
    op.create_table(
        "project_users",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_project_users_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_project_users_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_project_users_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "user_id", name=op.f("pk_project_users")
        ),
    )
    op.create_index(
        op.f("ix_project_users_company_id_user_id"),
        "project_users",
        ["company_id", "user_id"],
        unique=False,
    )
    op.create_table(
        "recovery_codes",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_recovery_codes_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_recovery_codes_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(
        op.f("ix_recovery_codes_company_id_user_id"),
        "recovery_codes",
        ["company_id", "user_id"],
        unique=False,
    )
    protect("company_root", "companies")
    protect(
        "company",
        "audit_heads",
        "groups",
        "roles",
        "role_permissions",
        "users",
        "auth_sessions",
        "group_users",
        "one_time_tokens",
        "recovery_codes",
    )
    protect("project_root", "projects")
    protect("project", "audit_entries", "project_groups", "project_users")
    append_only("audit_entries")


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("project_users")
    op.drop_table("one_time_tokens")
    op.drop_table("group_users")
    op.drop_table("auth_sessions")
    op.drop_table("users")
    op.drop_table("role_permissions")
    op.drop_table("project_groups")
    op.drop_table("audit_entries")
    op.drop_table("roles")
    op.drop_table("projects")
    op.drop_table("groups")
    op.drop_table("audit_heads")
    op.drop_table("throttles")
    op.drop_table("mails")
    op.drop_table("companies")
    op.drop_table("address_events")
