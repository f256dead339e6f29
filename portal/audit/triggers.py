"""Entries of the trail are only ever added: held by the database itself."""

from __future__ import annotations

_SQLITE = (
    """CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT raise(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
    BEGIN SELECT raise(ABORT, 'the trail is append-only'); END""",
    # INSERT OR REPLACE would delete without asking the trigger above.
    """CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries
    WHEN EXISTS (SELECT 1 FROM audit_entries a WHERE a.company_id = NEW.company_id
                 AND (a.seq = NEW.seq OR a.id = NEW.id))
    BEGIN SELECT raise(ABORT, 'the trail is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION audit_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$""",
    """CREATE TRIGGER audit_entries_rows BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_append_only()""",
    """CREATE TRIGGER audit_entries_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_append_only()""",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_rows",
    "ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_truncate",
)


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the table append-only, for 'sqlite' or 'postgresql'."""
    return _POSTGRESQL if dialect == "postgresql" else _SQLITE
