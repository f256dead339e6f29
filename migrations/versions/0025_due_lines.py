"""Finding the raw lines that are due to be forgotten, and no others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_LEFT = "length(raw) > 0 AND coalesce(substr(tag, 1, 9), '') <> 'operator:'"
INDEXES = {
    "ix_evidence_lines_due": ("at", f"at IS NOT NULL AND {_LEFT}"),
    "ix_evidence_lines_due_untimed": ("id", f"at IS NULL AND {_LEFT}"),
}


def upgrade() -> None:
    for name, (column, where) in INDEXES.items():
        op.create_index(
            name,
            "evidence_lines",
            ["company_id", "source_id", column],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "evidence_lines")
