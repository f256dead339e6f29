"""What a session has in memory, and in which scope it was seen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState

from portal.database import (
    CompanyRoot,
    CompanyRow,
    MaybeOwned,
    PersonOwned,
    ProjectRoot,
    ProjectRow,
)
from portal.wall.scope import Scope, current, going_around
from portal.wall.walls import WallError, walls_of_class

# Under this key of an instance's state stands the scope that saw its row.
_SEEN_BY = "seen_by"


def _on_load(state: InstanceState[Any], context: Any, attributes: Any = None) -> None:
    if going_around():
        return
    scope = current()
    check_values(state.class_, state.dict, scope)
    if context is not None:  # merge(load=False) loads nothing
        mark_seen(state, scope)


for _kind in (CompanyRow, CompanyRoot):
    event.listen(_kind, "load", _on_load, raw=True, propagate=True)
    event.listen(_kind, "refresh", _on_load, raw=True, propagate=True)


def is_seen(instance: Any) -> bool:
    """Tell whether the identity map may answer with ``instance``, without asking the database."""
    if going_around():
        return True
    state = inspect(instance)
    return not walls_of_class(state.class_) or seen_by(state, current())


def mark_seen(state: InstanceState[Any], scope: Scope) -> None:
    state.info[_SEEN_BY] = scope


def seen_by(state: InstanceState[Any], scope: Scope) -> bool:
    seer: Scope | None = state.info.get(_SEEN_BY)
    return seer is not None and scope.covers(seer)


def check_values(cls: type, values: Any, scope: Scope) -> None:
    """Refuse a row of another company or project, as far as its loaded values tell."""
    company_key = "id" if issubclass(cls, CompanyRoot) else "company_id"
    if values.get(company_key, scope.company_id) != scope.company_id:
        raise WallError(f"{cls.__name__} of another company")
    if scope.sees_all:
        return
    if issubclass(cls, PersonOwned):
        if values.get("person_id", scope.user_id) != scope.user_id:
            raise WallError(f"{cls.__name__} of another person")
        return
    if issubclass(cls, ProjectRoot):
        key = "id"
    elif issubclass(cls, (ProjectRow, MaybeOwned)):
        key = "project_id"
    else:
        return
    if key in values and values[key] not in scope.projects:
        raise WallError(f"{cls.__name__} of another project")
