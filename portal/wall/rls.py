"""The second wall: PostgreSQL's row level security.

It guards against a forgotten criterion, not against SQL injection: the application's role may call
``set_config`` itself. People and shared objects get the company's policy only, unless they say
``by_links``; their memberships in projects, and everything that is in one project, get both.

``= ANY(array)`` and settings outside of a scalar subselect are 10 to 1,000 times slower here.
"""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table, text

from portal.database import (
    CompanyRoot,
    MaybeOwned,
    ProjectRoot,
    ProjectRow,
    ProjectShared,
    SharedPart,
)
from portal.wall.walls import walled_classes, walls_by_table

_UNSCOPED = "(SELECT current_setting('app.unscoped', true) = 'on')"
_SEES_ALL = "(SELECT current_setting('app.sees_all', true) = 'on')"
_COMPANY = "(SELECT CAST(nullif(current_setting('app.company_id', true), '') AS bigint))"
_PROJECTS = "(SELECT unnest(CAST(nullif(current_setting('app.project_ids', true), '') AS uuid[])))"


def policies(metadata: MetaData) -> list[str]:
    """Return the statements that put every walled table of ``metadata`` behind its policy."""
    statements = []
    for table in metadata.sorted_tables:
        if not walls_by_table()[table]:
            continue
        using, check = _conditions(table)
        statements += [
            f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY wall ON {table.name} USING ({using}) WITH CHECK ({check})",
        ]
    return statements


def _conditions(table: Table) -> tuple[str, str]:
    """Return what a row must be to be seen, and what it must be to be written."""
    model = next((cls for cls in walled_classes() if cls.__table__ is table), None)  # type: ignore[attr-defined]  # mapped
    if model is not None and issubclass(model, CompanyRoot):
        company = f"{_UNSCOPED} OR id = {_COMPANY}"
        return company, company
    company = f"({_UNSCOPED} OR company_id = {_COMPANY})"
    if model is not None and issubclass(model, ProjectRoot):
        # A new project is nobody's yet: its creator becomes a member in the next statement.
        return f"{company} AND ({_SEES_ALL} OR id IN {_PROJECTS})", company
    if model is not None and issubclass(model, ProjectShared) and model.by_links:
        # As with projects: its membership follows in the next statement.
        return f"{company} AND ({_SEES_ALL} OR ({_linked(table, 'id', model)}))", company
    if model is not None and issubclass(model, SharedPart):
        relations = model.__mapper__.relationships  # type: ignore[attr-defined]  # mapped
        seen = [_linked(table, f"{part}_id", relations[part].mapper.class_) for part in model.parts]
        both = f"{company} AND ({_SEES_ALL} OR ({' AND '.join(seen)}))"
        return both, both
    of_project = model is None or issubclass(model, (ProjectRow, MaybeOwned))
    if of_project and "project_id" in table.columns:
        both = f"{company} AND ({_SEES_ALL} OR project_id IN {_PROJECTS})"
        return both, both
    return company, company


def _linked(table: Table, column: str, target: type[ProjectShared]) -> str:
    """Say that a row is in a project that is seen: the memberships have policies of their own."""
    link = target.Link.__tablename__
    key = f"l.company_id = {table.name}.company_id AND l.object_id = {table.name}.{column}"
    return f"EXISTS (SELECT FROM {link} l WHERE {key})"


def grants(role: str) -> list[str]:
    """Return the statements that let ``role``, which owns nothing, work in the current schema."""
    tables = "SELECT, INSERT, UPDATE, DELETE ON TABLES"
    return [
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {tables} TO "{role}"',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{role}"',
        # Entries of the trail are only ever added.
        f"DO $$ BEGIN IF to_regclass('audit_entries') IS NOT NULL THEN"
        f' REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM "{role}";'
        f' REVOKE DELETE, TRUNCATE ON audit_heads FROM "{role}"; END IF; END $$',
    ]


_ROLE = text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER'))"
    " FROM pg_roles WHERE rolname = current_user"
)
_OPEN_TABLES = text(
    "SELECT count(*) FROM pg_class WHERE relname = ANY(:names) AND relkind IN ('r', 'p')"
    " AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)"
)


def role_is_safe(connection: Connection) -> bool:
    """Tell whether the policies bind this connection's role; to be asked within ``unscoped``.

    A superuser, a role with BYPASSRLS and an owner of tables can go around or switch off policies.
    """
    names = [table.name for table, walls in walls_by_table().items() if walls]
    return not (connection.scalar(_ROLE) or connection.scalar(_OPEN_TABLES, {"names": names}))
