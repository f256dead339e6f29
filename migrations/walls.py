"""What migrations say of walls: PostgreSQL's policies, and tables that are only added to.

Kept apart from ``portal``: an old migration must go on doing what it did.
"""

from __future__ import annotations

from alembic import op

_UNSCOPED = "(SELECT current_setting('app.unscoped', true) = 'on')"
_SEES_ALL = "(SELECT current_setting('app.sees_all', true) = 'on')"
_COMPANY = "(SELECT CAST(nullif(current_setting('app.company_id', true), '') AS bigint))"
_PROJECTS = "(SELECT unnest(CAST(nullif(current_setting('app.project_ids', true), '') AS uuid[])))"
_OWN = f"({_UNSCOPED} OR company_id = {_COMPANY})"

# Wall → what a row must be to be seen, and what it must be to be written.
_CONDITIONS = {
    "company_root": (f"{_UNSCOPED} OR id = {_COMPANY}",) * 2,
    "company": (_OWN, _OWN),
    # A new project is nobody's yet: its creator becomes a member in the next statement.
    "project_root": (f"{_OWN} AND ({_SEES_ALL} OR id IN {_PROJECTS})", _OWN),
    "project": (f"{_OWN} AND ({_SEES_ALL} OR project_id IN {_PROJECTS})",) * 2,
}
_MESSAGE = "the trail is append-only"


def protect(wall: str, *tables: str) -> None:
    """Put tables behind a policy: 'company_root', 'company', 'project_root' or 'project'."""
    if op.get_bind().dialect.name != "postgresql":
        return
    using, check = _CONDITIONS[wall]
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY wall ON {table} USING ({using}) WITH CHECK ({check})")


def protect_by_links(table: str, *links: tuple[str, str], new: bool = False) -> None:
    """Put a table behind a policy that asks for memberships: of each column's thing, in its link.

    ``new``: the row is itself what the membership is of, so it is written before that.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    seen = " AND ".join(
        f"EXISTS (SELECT FROM {link} l WHERE l.company_id = {table}.company_id"
        f" AND l.object_id = {table}.{column})"
        for column, link in links
    )
    using = f"{_OWN} AND ({_SEES_ALL} OR ({seen}))"
    check = _OWN if new else using
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY wall ON {table} USING ({using}) WITH CHECK ({check})")


def append_only(table: str) -> None:
    """Let rows of ``table`` be added, but neither changed nor removed."""
    name = f"{table}_append_only"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"
        )
        for suffix, event, each in (
            ("rows", "UPDATE OR DELETE", "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_{suffix} BEFORE {event} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION {name}()"
            )
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{suffix}")
        return
    for suffix, event in (("no_update", "UPDATE"), ("no_delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER {table}_{suffix} BEFORE {event} ON {table}"
            f" BEGIN SELECT raise(ABORT, '{_MESSAGE}'); END"
        )
    # INSERT OR REPLACE would delete without asking the trigger above.
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"  # noqa: S608  # our table
        f" WHEN EXISTS (SELECT 1 FROM {table} a WHERE a.company_id = NEW.company_id"
        f" AND (a.seq = NEW.seq OR a.id = NEW.id))"
        f" BEGIN SELECT raise(ABORT, '{_MESSAGE}'); END"
    )
