"""The wall for what is written, and for what is put into the session from elsewhere."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.orm import (
    InstanceState,
    Mapper,
    ORMExecuteState,
    Session,
    UOWTransaction,
    object_session,
)

from portal.database import (
    CompanyRoot,
    CompanyRow,
    MaybeOwned,
    PersonOwned,
    ProjectLink,
    ProjectRow,
    SharedPart,
)
from portal.wall.links import check_links, check_rows
from portal.wall.memory import check_values, mark_seen, seen_by
from portal.wall.scope import Scope, current, going_around
from portal.wall.walls import WallError, walls_by_table, walls_of_class

# --- what the unit of work writes


def before_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    if going_around():
        return
    scope = current()
    for instance in session.new:
        if isinstance(instance, CompanyRow) and inspect(instance).dict.get("company_id") is None:
            instance.company_id = scope.company_id
    for instance in [*session.dirty, *session.deleted]:
        _check_persistent(session, inspect(instance), scope)
    for instance in [*session.new, *session.dirty]:
        _check_collections(session, inspect(instance), scope)
    check_links(session, [new for new in session.new if isinstance(new, ProjectLink)], scope)
    parts = [one for one in (*session.new, *session.dirty) if isinstance(one, SharedPart)]
    check_links(session, parts, scope)


def _check_persistent(session: Session, state: InstanceState[Any], scope: Scope) -> None:
    """Ask the database for a row that no query of this scope brought, e.g. by its bare id."""
    if not walls_of_class(state.class_) or seen_by(state, scope):
        return
    keys = zip(state.mapper.primary_key, state.identity or (), strict=False)
    properties = [
        (getattr(state.class_, state.mapper.get_property_by_column(column).key), value)
        for column, value in keys
    ]
    found = select(properties[0][0]).where(*(column == value for column, value in properties))
    if session.execute(found).first() is None:
        raise WallError(f"{state.class_.__name__} is not seen")
    mark_seen(state, scope)


def _check_collections(session: Session, state: InstanceState[Any], scope: Scope) -> None:
    """Check members of many-to-many collections: they become rows of a table without a model."""
    for relation in state.mapper.relationships:
        if relation.secondary is None or relation.viewonly:
            continue
        history = state.attrs[relation.key].history
        for member in (*(history.added or ()), *(history.deleted or ())):
            if (member_state := inspect(member)).persistent:
                _check_persistent(session, member_state, scope)


def _before_write(mapper: Mapper[Any], connection: Connection, instance: Any) -> None:
    session = object_session(instance)
    if session is None or going_around():
        return
    scope, state = current(), inspect(instance)
    for key in ("company_id", "project_id", "person_id"):
        if key == "project_id" and (scope.sees_all or not _has_project(mapper)):
            continue
        if key == "person_id" and (scope.sees_all or not issubclass(mapper.class_, PersonOwned)):
            continue
        if key not in mapper.columns:
            continue
        history = state.attrs[key].history
        values = {*(history.added or ()), *(history.deleted or ()), *(history.unchanged or ())}
        seen = {
            "company_id": {scope.company_id},
            "project_id": scope.projects,
            "person_id": {scope.user_id},
        }[key]
        if not values <= seen or (not values and not state.persistent):
            raise WallError(f"{mapper.class_.__name__}.{key} is not seen")


def _has_project(mapper: Mapper[Any]) -> bool:
    return issubclass(mapper.class_, (ProjectRow, MaybeOwned))


def _before_company(mapper: Mapper[Any], connection: Connection, company: Any) -> None:
    if not going_around() and inspect(company).dict.get("id") != current().company_id:
        raise WallError("another company, or a new one")


for _event in ("before_insert", "before_update", "before_delete"):
    event.listen(CompanyRow, _event, _before_write, propagate=True)
    event.listen(CompanyRoot, _event, _before_company, propagate=True)


def _after_insert(mapper: Mapper[Any], connection: Connection, instance: Any) -> None:
    if not going_around():
        mark_seen(inspect(instance), current())


event.listen(CompanyRow, "after_insert", _after_insert, propagate=True)


# --- statements that write


def check_bulk(execution: ORMExecuteState) -> None:
    """Refuse updates by a list of keys, and those that move rows."""
    statement: Any = execution.statement
    if execution.is_executemany or isinstance(execution.parameters, list):
        raise WallError("UPDATE or DELETE by a list of keys passes by the wall")
    if not execution.is_update or not walls_by_table().get(statement.table):
        return
    named = set(execution.parameters or ())
    for column in statement._values or ():
        named.add(getattr(column, "key", column))
    cls: Any = execution.bind_mapper.class_ if execution.bind_mapper else None
    parts = cls.parts if cls is not None and issubclass(cls, SharedPart) else ()
    keys = {"company_id", "project_id", "person_id", "id", "object_id"}
    if named & {*keys, *(f"{part}_id" for part in parts)}:
        raise WallError("an UPDATE may not move rows")


def check_insert(execution: ORMExecuteState) -> bool:
    """Check the values of an ORM INSERT; tell whether it was one into a walled table."""
    statement: Any = execution.statement
    if not walls_by_table().get(statement.table):
        return False
    mapper = execution.bind_mapper
    if mapper is None:
        raise WallError(f"INSERT into the table {statement.table.name}: use its model")
    if statement.select is not None:
        raise WallError("INSERT from SELECT passes by the wall")
    if "update" in type(statement._post_values_clause).__name__.lower():
        raise WallError("ON CONFLICT DO UPDATE passes by the wall")
    rows = _rows(execution)
    for row in rows:
        _check_new(mapper.class_, row, current())
    check_rows(execution.session, mapper.class_, rows, current())
    return True


def _rows(execution: ORMExecuteState) -> list[dict[str, Any]]:
    statement: Any = execution.statement
    parameters = execution.parameters
    rows = parameters if isinstance(parameters, list) else [parameters or {}]
    if statement._multi_values:
        rows = [row for rows in statement._multi_values for row in rows]
    fixed = _plain(statement._values or {})
    return [{**fixed, **_plain(row)} for row in rows]


def _plain(row: Any) -> dict[str, Any]:
    return {
        getattr(column, "key", column): getattr(value, "value", value)
        for column, value in row.items()
    }


def _check_new(cls: Any, row: dict[str, Any], scope: Scope) -> None:
    if issubclass(cls, CompanyRoot) or row.get("company_id") != scope.company_id:
        raise WallError(f"{cls.__name__} of another company")
    if scope.sees_all:
        return
    if issubclass(cls, PersonOwned) and row.get("person_id") != scope.user_id:
        raise WallError(f"{cls.__name__} of another person")
    if not issubclass(cls, (ProjectRow, MaybeOwned)):
        return
    project_id = row.get("project_id")
    if not isinstance(project_id, uuid.UUID) or project_id not in scope.projects:
        raise WallError(f"{cls.__name__} of another project")


def on_attach(session: Session, instance: Any) -> None:
    """Refuse an object of elsewhere that is put into the session with an id of its own."""
    if going_around() or not isinstance(instance, (CompanyRow, CompanyRoot)):
        return
    state = inspect(instance)
    if state.key is not None and not seen_by(state, current()):
        check_values(state.class_, state.dict, current())
