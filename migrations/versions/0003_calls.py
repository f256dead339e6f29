"""Sources of calls, their evidence, calls, visits and totals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.walls import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "call_sources",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_call_sources_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_call_sources")),
        sa.UniqueConstraint(
            "company_id", "name_key", name=op.f("uq_call_sources_company_id_name_key")
        ),
    )
    op.create_table(
        "calls",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("native_key", sa.String(length=150), nullable=False),
        sa.Column("user_field", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=128), nullable=False),
        sa.Column("caller_name", sa.String(length=255), nullable=False),
        sa.Column("did", sa.String(length=128), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("wait_s", BIG_INT, nullable=True),
        sa.Column("talk_s", BIG_INT, nullable=True),
        sa.Column("visits", BIG_INT, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_calls_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["call_sources.company_id", "call_sources.id"],
            name=op.f("fk_calls_company_id_source_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_calls_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_calls")),
    )
    op.create_index(
        op.f("ix_calls_company_id_source_id"), "calls", ["company_id", "source_id"], unique=False
    )
    op.create_index(
        op.f("ix_calls_company_id_source_id_native_key"),
        "calls",
        ["company_id", "source_id", "native_key"],
        unique=False,
    )
    op.create_index(
        "ix_calls_started",
        "calls",
        ["company_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "evidence_files",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("fingerprint_bytes", BIG_INT, nullable=False),
        sa.Column("offset", BIG_INT, nullable=False),
        sa.Column("lines", BIG_INT, nullable=False),
        sa.Column("pending", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", BIG_INT, nullable=True),
        sa.Column("last_at", BIG_INT, nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_evidence_files_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["call_sources.company_id", "call_sources.id"],
            name=op.f("fk_evidence_files_company_id_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_evidence_files_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_evidence_files")),
    )
    op.create_index(
        op.f("ix_evidence_files_company_id_source_id"),
        "evidence_files",
        ["company_id", "source_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evidence_files_company_id_source_id_kind"),
        "evidence_files",
        ["company_id", "source_id", "kind"],
        unique=False,
    )
    op.create_table(
        "visit_days",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("dialer_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("visits", BIG_INT, nullable=False),
        sa.Column("first_visits", BIG_INT, nullable=False),
        sa.Column("only_visits", BIG_INT, nullable=False),
        sa.Column("wait_s", BIG_INT, nullable=False),
        sa.Column("talk_s", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_visit_days_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_visit_days_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_visit_days")),
    )
    op.create_index(
        op.f("ix_visit_days_company_id_project_id_starts_at"),
        "visit_days",
        ["company_id", "project_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visit_days_company_id_starts_at_project_id"),
        "visit_days",
        ["company_id", "starts_at", "project_id"],
        unique=False,
    )
    op.create_table(
        "visit_hours",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("dialer_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("visits", BIG_INT, nullable=False),
        sa.Column("first_visits", BIG_INT, nullable=False),
        sa.Column("only_visits", BIG_INT, nullable=False),
        sa.Column("wait_s", BIG_INT, nullable=False),
        sa.Column("talk_s", BIG_INT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_visit_hours_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_visit_hours_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_visit_hours")),
    )
    op.create_index(
        op.f("ix_visit_hours_company_id_project_id_starts_at"),
        "visit_hours",
        ["company_id", "project_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visit_hours_company_id_starts_at_project_id"),
        "visit_hours",
        ["company_id", "starts_at", "project_id"],
        unique=False,
    )
    op.create_table(
        "evidence_lines",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", BIG_INT, nullable=False),
        sa.Column("offset", BIG_INT, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("occurrence", BIG_INT, nullable=False),
        sa.Column("at", BIG_INT, nullable=True),
        sa.Column("thread", sa.String(length=150), nullable=True),
        sa.Column("linked_thread", sa.String(length=150), nullable=True),
        sa.Column("channel", sa.String(length=150), nullable=True),
        sa.Column("peer_channel", sa.String(length=150), nullable=True),
        sa.Column("tag", sa.String(length=150), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["evidence_files.company_id", "evidence_files.id"],
            name=op.f("fk_evidence_lines_company_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_evidence_lines_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_evidence_lines_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_evidence_lines")),
        sa.UniqueConstraint(
            "company_id",
            "file_id",
            "number",
            name=op.f("uq_evidence_lines_company_id_file_id_number"),
        ),
    )
    op.create_index(
        "ix_evidence_lines_channel",
        "evidence_lines",
        ["company_id", "source_id", "channel"],
        unique=False,
        sqlite_where=sa.text("channel IS NOT NULL"),
        postgresql_where=sa.text("channel IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_evidence_lines_company_id_file_id"),
        "evidence_lines",
        ["company_id", "file_id"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_lines_faulty",
        "evidence_lines",
        ["company_id", "source_id", "run_id"],
        unique=False,
        sqlite_where=sa.text("verdict IN ('malformed', 'unknown')"),
        postgresql_where=sa.text("verdict IN ('malformed', 'unknown')"),
    )
    op.create_index(
        "ix_evidence_lines_hash",
        "evidence_lines",
        ["company_id", "source_id", "hash"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_lines_linked",
        "evidence_lines",
        ["company_id", "source_id", "linked_thread"],
        unique=False,
        sqlite_where=sa.text("linked_thread IS NOT NULL"),
        postgresql_where=sa.text("linked_thread IS NOT NULL"),
    )
    op.create_index(
        "ix_evidence_lines_peer",
        "evidence_lines",
        ["company_id", "source_id", "peer_channel"],
        unique=False,
        sqlite_where=sa.text("peer_channel IS NOT NULL"),
        postgresql_where=sa.text("peer_channel IS NOT NULL"),
    )
    op.create_index(
        "ix_evidence_lines_tag",
        "evidence_lines",
        ["company_id", "source_id", "tag", "at"],
        unique=False,
        sqlite_where=sa.text("tag IS NOT NULL"),
        postgresql_where=sa.text("tag IS NOT NULL"),
    )
    op.create_index(
        "ix_evidence_lines_thread",
        "evidence_lines",
        ["company_id", "source_id", "thread"],
        unique=False,
    )
    op.create_table(
        "import_runs",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("files", BIG_INT, nullable=False),
        sa.Column("bytes_total", BIG_INT, nullable=False),
        sa.Column("bytes_done", BIG_INT, nullable=False),
        sa.Column("lines_read", BIG_INT, nullable=False),
        sa.Column("lines_ok", BIG_INT, nullable=False),
        sa.Column("lines_blank", BIG_INT, nullable=False),
        sa.Column("lines_malformed", BIG_INT, nullable=False),
        sa.Column("lines_unknown", BIG_INT, nullable=False),
        sa.Column("lines_duplicate", BIG_INT, nullable=False),
        sa.Column("lines_known", BIG_INT, nullable=False),
        sa.Column("lines_pending", BIG_INT, nullable=False),
        sa.Column("calls_new", BIG_INT, nullable=False),
        sa.Column("calls_changed", BIG_INT, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "by_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_import_runs_company_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_import_runs_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["call_sources.company_id", "call_sources.id"],
            name=op.f("fk_import_runs_company_id_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_import_runs_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_import_runs")),
    )
    op.create_index(
        op.f("ix_import_runs_company_id_by_id"),
        "import_runs",
        ["company_id", "by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_import_runs_company_id_source_id"),
        "import_runs",
        ["company_id", "source_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_import_runs_company_id_started_at"),
        "import_runs",
        ["company_id", "started_at"],
        unique=False,
    )
    op.create_table(
        "call_identities",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("raw", sa.String(length=150), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=True),
        sa.Column("last_seen_at", MOMENT, nullable=True),
        sa.Column("ignored", sa.Boolean(), nullable=False),
        sa.Column("version", BIG_INT, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_call_identities_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "queue_id"],
            ["queues.company_id", "queues.id"],
            name=op.f("fk_call_identities_company_id_queue_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["call_sources.company_id", "call_sources.id"],
            name=op.f("fk_call_identities_company_id_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "user_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_call_identities_company_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_call_identities_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_call_identities")),
        sa.UniqueConstraint(
            "company_id",
            "source_id",
            "kind",
            "raw",
            name=op.f("uq_call_identities_company_id_source_id_kind_raw"),
        ),
    )
    op.create_index(
        op.f("ix_call_identities_company_id_queue_id"),
        "call_identities",
        ["company_id", "queue_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_call_identities_company_id_source_id"),
        "call_identities",
        ["company_id", "source_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_call_identities_company_id_user_id"),
        "call_identities",
        ["company_id", "user_id"],
        unique=False,
    )
    op.create_table(
        "visits",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", BIG_INT, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("wait_s", BIG_INT, nullable=True),
        sa.Column("talk_s", BIG_INT, nullable=True),
        sa.Column("ended_by", sa.String(length=8), nullable=True),
        sa.Column("transferred_to", sa.String(length=128), nullable=True),
        sa.Column("number", sa.String(length=128), nullable=False),
        sa.Column("digits", sa.String(length=40), nullable=False),
        sa.Column("digits_reversed", sa.String(length=40), nullable=False),
        sa.Column("caller_name", sa.String(length=255), nullable=False),
        sa.Column("did", sa.String(length=128), nullable=True),
        sa.Column("queue_raw", sa.String(length=128), nullable=True),
        sa.Column("agent_raw", sa.String(length=150), nullable=True),
        sa.Column("trunk_raw", sa.String(length=150), nullable=True),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("dialer_id", sa.Uuid(), nullable=True),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("first_in_project", sa.Boolean(), nullable=False),
        sa.Column("crosses_projects", sa.Boolean(), nullable=False),
        sa.Column("only_visit", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "call_id"],
            ["calls.company_id", "calls.id"],
            name=op.f("fk_visits_company_id_call_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "dialer_id"],
            ["dialers.company_id", "dialers.id"],
            name=op.f("fk_visits_company_id_dialer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "operator_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_visits_company_id_operator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_visits_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "queue_id"],
            ["queues.company_id", "queues.id"],
            name=op.f("fk_visits_company_id_queue_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_visits_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_visits")),
    )
    op.create_index(
        "ix_visits_agent_raw", "visits", ["company_id", "source_id", "agent_raw"], unique=False
    )
    op.create_index(
        op.f("ix_visits_company_id_call_id"), "visits", ["company_id", "call_id"], unique=False
    )
    op.create_index(
        "ix_visits_crossing",
        "visits",
        ["company_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        sqlite_where=sa.text("crosses_projects"),
        postgresql_where=sa.text("crosses_projects"),
        postgresql_include=["project_id", "call_id"],
    )
    op.create_index(
        "ix_visits_dialer",
        "visits",
        [
            "company_id",
            "dialer_id",
            sa.literal_column("started_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        sqlite_where=sa.text("dialer_id IS NOT NULL"),
        postgresql_where=sa.text("dialer_id IS NOT NULL"),
        postgresql_include=[],
    )
    op.create_index(
        "ix_visits_digits",
        "visits",
        ["company_id", "digits"],
        unique=False,
        postgresql_ops={"digits": "text_pattern_ops"},
    )
    op.create_index(
        "ix_visits_digits_reversed",
        "visits",
        ["company_id", "digits_reversed"],
        unique=False,
        postgresql_ops={"digits_reversed": "text_pattern_ops"},
    )
    op.create_index(
        "ix_visits_operator",
        "visits",
        [
            "company_id",
            "operator_id",
            sa.literal_column("started_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        sqlite_where=sa.text("operator_id IS NOT NULL"),
        postgresql_where=sa.text("operator_id IS NOT NULL"),
        postgresql_include=["project_id", "result"],
    )
    op.create_index(
        "ix_visits_project",
        "visits",
        [
            "company_id",
            "project_id",
            sa.literal_column("started_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        sqlite_where=None,
        postgresql_where=None,
        postgresql_include=["result", "direction", "operator_id", "queue_id"],
    )
    op.create_index(
        "ix_visits_queue",
        "visits",
        [
            "company_id",
            "queue_id",
            sa.literal_column("started_at DESC"),
            sa.literal_column("id DESC"),
        ],
        unique=False,
        sqlite_where=sa.text("queue_id IS NOT NULL"),
        postgresql_where=sa.text("queue_id IS NOT NULL"),
        postgresql_include=[],
    )
    op.create_index(
        "ix_visits_queue_raw", "visits", ["company_id", "source_id", "queue_raw"], unique=False
    )
    op.create_index(
        "ix_visits_several",
        "visits",
        ["company_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        sqlite_where=sa.text("NOT only_visit"),
        postgresql_where=sa.text("NOT only_visit"),
        postgresql_include=["project_id", "call_id"],
    )
    op.create_index(
        "ix_visits_started",
        "visits",
        ["company_id", sa.literal_column("started_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        sqlite_where=None,
        postgresql_where=None,
        postgresql_include=[],
    )
    op.create_table(
        "offers",
        sa.Column("company_id", BIG_INT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", BIG_INT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("agent_raw", sa.String(length=150), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("ring_ms", BIG_INT, nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "operator_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_offers_company_id_operator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "project_id"],
            ["projects.company_id", "projects.id"],
            name=op.f("fk_offers_company_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "visit_id"],
            ["visits.company_id", "visits.id"],
            name=op.f("fk_offers_company_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_offers_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_offers")),
    )
    op.create_index(
        "ix_offers_agent_raw", "offers", ["company_id", "source_id", "agent_raw"], unique=False
    )
    op.create_index(
        op.f("ix_offers_company_id_visit_id"), "offers", ["company_id", "visit_id"], unique=False
    )
    protect("company", "call_sources")
    protect(
        "project",
        "calls",
        "evidence_files",
        "visit_days",
        "visit_hours",
        "evidence_lines",
        "import_runs",
        "call_identities",
        "visits",
        "offers",
    )


def downgrade() -> None:
    op.drop_table("offers")
    op.drop_table("visits")
    op.drop_table("call_identities")
    op.drop_table("import_runs")
    op.drop_table("evidence_lines")
    op.drop_table("visit_hours")
    op.drop_table("visit_days")
    op.drop_table("evidence_files")
    op.drop_table("calls")
    op.drop_table("call_sources")
