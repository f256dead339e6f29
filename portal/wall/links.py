"""Memberships: who makes one makes its target seen in the project, so they must see it themselves.

The same holds for rows about shared things: nobody writes a value of what they do not see.

Foreign keys do not help: the target is of the same company, only behind another project's wall.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal.database import ProjectLink, SharedPart
from portal.wall.arrays import Among
from portal.wall.criteria import looked_up
from portal.wall.memory import seen_by
from portal.wall.scope import Scope
from portal.wall.walls import Wall, WallError, walls_of_class


def check_links(session: Session, links: Iterable[Any], scope: Scope) -> None:
    """Check memberships and parts that are about to be flushed."""
    for link in links:
        for target, key, relation in _targets(type(link)):
            member = inspect(link).dict.get(relation)
            identifier = member.id if member is not None else getattr(link, key)
            _check(session, target, {identifier}, scope)


def check_rows(session: Session, cls: type, rows: list[dict[str, Any]], scope: Scope) -> None:
    """Check the values of an INSERT of memberships or parts."""
    if issubclass(cls, (ProjectLink, SharedPart)):
        for target, key, _ in _targets(cls):
            _check(session, target, {row.get(key) for row in rows}, scope)


def _targets(cls: Any) -> list[tuple[Any, str, str]]:
    """Return what ``cls`` puts into projects: model, column and relationship."""
    if hasattr(cls, "target"):
        return [(cls.target, "object_id", "")]
    relations = [r for r in cls.__mapper__.relationships if f"{r.key}_id" in cls.__table__.columns]
    if issubclass(cls, SharedPart):
        relations = [r for r in relations if r.key in cls.parts]
    return [(r.mapper.class_, f"{r.key}_id", r.key) for r in relations]


def _check(session: Session, target: Any, ids: set[uuid.UUID | None], scope: Scope) -> None:
    if not walls_of_class(target) & scope.walls - {Wall.COMPANY}:
        return
    unsure = {i for i in ids if not _in_memory(session, target, i, scope)}
    if not unsure:
        return
    one = _each(target)
    seen = set(session.scalars(select(one.id).where(Among(one.id, unsure))))
    if unsure - seen:
        raise WallError(f"{target.__name__} is not seen, so it cannot be put into a project")


@cache
def _each(target: Any) -> Any:
    return looked_up(target, "each_target")


def _in_memory(session: Session, target: Any, identifier: uuid.UUID | None, scope: Scope) -> bool:
    """Tell whether this scope saw or made the target in this session."""
    if any(isinstance(new, target) and new.id == identifier for new in session.new):
        return True
    key = session.identity_key(target, (scope.company_id, identifier))
    found = session.identity_map.get(key)
    return found is not None and seen_by(inspect(found), scope)
