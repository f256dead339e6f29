"""The ten kinds of objects and their projects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contact_fields",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_contact_fields_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_contact_fields_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_contact_fields_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_contact_fields")),
    )
    op.create_index(
        op.f("ix_contact_fields_company_id_changed_by_id"),
        "contact_fields",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contact_fields_company_id_created_by_id"),
        "contact_fields",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contact_fields_company_id_name_key"),
        "contact_fields",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "crm_forms",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_crm_forms_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_crm_forms_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_crm_forms_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_crm_forms_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_crm_forms")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_crm_forms_company_id_project_id_id")
        ),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "name_key",
            name=op.f("uq_crm_forms_company_id_project_id_name_key"),
        ),
    )
    op.create_index(
        op.f("ix_crm_forms_company_id_changed_by_id"),
        "crm_forms",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_crm_forms_company_id_created_by_id"),
        "crm_forms",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_crm_forms_company_id_name_key"),
        "crm_forms",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "dialers",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_dialers_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_dialers_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_dialers_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_dialers_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_dialers")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_dialers_company_id_project_id_id")
        ),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "name_key",
            name=op.f("uq_dialers_company_id_project_id_name_key"),
        ),
    )
    op.create_index(
        op.f("ix_dialers_company_id_changed_by_id"),
        "dialers",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dialers_company_id_created_by_id"),
        "dialers",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dialers_company_id_name_key"), "dialers", ["company_id", "name_key"], unique=False
    )
    op.create_table(
        "ip_phones",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_ip_phones_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_ip_phones_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_ip_phones_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_ip_phones")),
    )
    op.create_index(
        op.f("ix_ip_phones_company_id_changed_by_id"),
        "ip_phones",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ip_phones_company_id_created_by_id"),
        "ip_phones",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ip_phones_company_id_name_key"),
        "ip_phones",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "notification_templates",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_notification_templates_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_notification_templates_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_notification_templates_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_notification_templates")),
    )
    op.create_index(
        op.f("ix_notification_templates_company_id_changed_by_id"),
        "notification_templates",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_notification_templates_company_id_created_by_id"),
        "notification_templates",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_notification_templates_company_id_name_key"),
        "notification_templates",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "number_lists",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_number_lists_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_number_lists_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_number_lists_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_number_lists")),
    )
    op.create_index(
        op.f("ix_number_lists_company_id_changed_by_id"),
        "number_lists",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_number_lists_company_id_created_by_id"),
        "number_lists",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_number_lists_company_id_name_key"),
        "number_lists",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "queues",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_queues_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_queues_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_queues_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_queues_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_queues")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_queues_company_id_project_id_id")
        ),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "name_key",
            name=op.f("uq_queues_company_id_project_id_name_key"),
        ),
    )
    op.create_index(
        op.f("ix_queues_company_id_changed_by_id"),
        "queues",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_queues_company_id_created_by_id"),
        "queues",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_queues_company_id_name_key"), "queues", ["company_id", "name_key"], unique=False
    )
    op.create_table(
        "scenarios",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_scenarios_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_scenarios_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_scenarios_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_scenarios_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint(
            "company_id", "project_id", "id", name=op.f("uq_scenarios_company_id_project_id_id")
        ),
        sa.UniqueConstraint(
            "company_id",
            "project_id",
            "name_key",
            name=op.f("uq_scenarios_company_id_project_id_name_key"),
        ),
    )
    op.create_index(
        op.f("ix_scenarios_company_id_changed_by_id"),
        "scenarios",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scenarios_company_id_created_by_id"),
        "scenarios",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scenarios_company_id_name_key"),
        "scenarios",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "schedules",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_schedules_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_schedules_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_schedules_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_schedules")),
    )
    op.create_index(
        op.f("ix_schedules_company_id_changed_by_id"),
        "schedules",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_schedules_company_id_created_by_id"),
        "schedules",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_schedules_company_id_name_key"),
        "schedules",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "sip_providers",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_sip_providers_company_id_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_sip_providers_company_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_sip_providers_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_sip_providers")),
    )
    op.create_index(
        op.f("ix_sip_providers_company_id_changed_by_id"),
        "sip_providers",
        ["company_id", "changed_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sip_providers_company_id_created_by_id"),
        "sip_providers",
        ["company_id", "created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sip_providers_company_id_name_key"),
        "sip_providers",
        ["company_id", "name_key"],
        unique=False,
    )
    op.create_table(
        "contact_fields_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["contact_fields.company_id", "contact_fields.id"],
            name=op.f("fk_contact_fields_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_contact_fields_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_contact_fields_in_projects_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_contact_fields_in_projects")
        ),
    )
    op.create_index(
        op.f("ix_contact_fields_in_projects_company_id_object_id"),
        "contact_fields_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "ip_phones_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["ip_phones.company_id", "ip_phones.id"],
            name=op.f("fk_ip_phones_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_ip_phones_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_ip_phones_in_projects_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_ip_phones_in_projects")
        ),
    )
    op.create_index(
        op.f("ix_ip_phones_in_projects_company_id_object_id"),
        "ip_phones_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "notification_templates_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["notification_templates.company_id", "notification_templates.id"],
            name=op.f("fk_notification_templates_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_notification_templates_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_notification_templates_in_projects_company_id"),
        ),
        sa.PrimaryKeyConstraint(
            "company_id",
            "project_id",
            "object_id",
            name=op.f("pk_notification_templates_in_projects"),
        ),
    )
    op.create_index(
        op.f("ix_notification_templates_in_projects_company_id_object_id"),
        "notification_templates_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "number_lists_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["number_lists.company_id", "number_lists.id"],
            name=op.f("fk_number_lists_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_number_lists_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_number_lists_in_projects_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_number_lists_in_projects")
        ),
    )
    op.create_index(
        op.f("ix_number_lists_in_projects_company_id_object_id"),
        "number_lists_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "schedules_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["schedules.company_id", "schedules.id"],
            name=op.f("fk_schedules_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_schedules_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_schedules_in_projects_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_schedules_in_projects")
        ),
    )
    op.create_index(
        op.f("ix_schedules_in_projects_company_id_object_id"),
        "schedules_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "sip_providers_in_projects",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "object_id"],
            ["sip_providers.company_id", "sip_providers.id"],
            name=op.f("fk_sip_providers_in_projects_company_id_object_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_sip_providers_in_projects_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_sip_providers_in_projects_company_id")
        ),
        sa.PrimaryKeyConstraint(
            "company_id", "project_id", "object_id", name=op.f("pk_sip_providers_in_projects")
        ),
    )
    op.create_index(
        op.f("ix_sip_providers_in_projects_company_id_object_id"),
        "sip_providers_in_projects",
        ["company_id", "object_id"],
        unique=False,
    )
    protect(
        "company",
        "contact_fields",
        "ip_phones",
        "notification_templates",
        "number_lists",
        "schedules",
        "sip_providers",
    )
    protect(
        "project",
        "crm_forms",
        "dialers",
        "queues",
        "scenarios",
        "contact_fields_in_projects",
        "ip_phones_in_projects",
        "notification_templates_in_projects",
        "number_lists_in_projects",
        "schedules_in_projects",
        "sip_providers_in_projects",
    )


def downgrade() -> None:
    op.drop_table("sip_providers_in_projects")
    op.drop_table("schedules_in_projects")
    op.drop_table("number_lists_in_projects")
    op.drop_table("notification_templates_in_projects")
    op.drop_table("ip_phones_in_projects")
    op.drop_table("contact_fields_in_projects")
    op.drop_table("sip_providers")
    op.drop_table("schedules")
    op.drop_table("scenarios")
    op.drop_table("queues")
    op.drop_table("number_lists")
    op.drop_table("notification_templates")
    op.drop_table("ip_phones")
    op.drop_table("dialers")
    op.drop_table("crm_forms")
    op.drop_table("contact_fields")
