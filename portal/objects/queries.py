"""What is asked of objects. The wall filters by itself: nothing here names a company."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from portal.database import having_words, name_key
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.registry import KINDS
from portal.projects.models import Project

PAGE = 50
NAMED = 5  # of the projects of an object; the others are counted


@dataclass(frozen=True)
class Filters:
    """What a list of objects is restricted to; ``active`` is '', 'yes' or 'no'."""

    text: str = ""
    project_id: uuid.UUID | None = None
    active: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.project_id or self.active)


@dataclass(frozen=True)
class Places:
    """The projects of an object that the viewer may see: the first names, and how many more."""

    names: list[str] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.names)

    def __str__(self) -> str:
        return ", ".join(self.names) + (f" +{self.more}" if self.more else "")


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    item: Any
    projects: Places


def counts() -> dict[str, int]:
    """Return how many objects of each kind the viewer sees, by slug."""
    return {
        slug: db.session.scalar(select(func.count(kind.model.id))) or 0
        for slug, kind in KINDS.items()
    }


def page(kind: Kind, filters: Filters, after: tuple[str, uuid.UUID] | None) -> list[Row]:
    """Return up to ``PAGE + 1`` rows behind the key ``after`` (search key, id), by name."""
    model = kind.model
    query = _filtered(kind, select(model), filters).order_by(model.search_key, model.id)
    if after:
        name, identifier = after
        tie = and_(model.search_key == name, model.id > identifier)
        query = query.where(or_(model.search_key > name, tie))
    items = list(db.session.scalars(query.limit(PAGE + 1)))
    where = places(kind, items)
    return [Row(item, where[item.id]) for item in items]


def total(kind: Kind, filters: Filters) -> int:
    return db.session.scalar(_filtered(kind, select(func.count(kind.model.id)), filters)) or 0


def _filtered(kind: Kind, query: Select[Any], filters: Filters) -> Select[Any]:
    model = kind.model
    query = query.where(*having_words(model.search_key, filters.text))
    if filters.active:
        query = query.where(model.active.is_(filters.active == "yes"))
    if filters.project_id and kind.owned:
        query = query.where(model.project_id == filters.project_id)
    elif filters.project_id:
        inside = select(model.Link.object_id).where(model.Link.project_id == filters.project_id)
        query = query.where(model.id.in_(inside))
    return query


def places(
    kind: Kind, items: Iterable[Any], besides: uuid.UUID | None = None
) -> dict[uuid.UUID, Places]:
    """Return where each of ``items`` is, and where else than in the project ``besides``."""
    items = list(items)
    if kind.owned:
        wanted = {item.project_id for item in items} - {besides}
        found = db.session.execute(select(Project.id, Project.name).where(Project.id.in_(wanted)))
        names = {project_id: [name] for project_id, name in found}
        return {item.id: Places(names.get(item.project_id, [])) for item in items}
    of_item = {item.id: Places() for item in items}
    for object_id, name, number in db.session.execute(_first_places(kind, of_item, besides)):
        before = of_item[object_id].names
        of_item[object_id] = Places([*before, name], number - len(before) - 1)
    return of_item


def _first_places(kind: Kind, ids: Iterable[uuid.UUID], besides: uuid.UUID | None) -> Select[Any]:
    """Query the first projects of each shared object by name, and how many it has."""
    link = kind.model.Link
    of_one = {"partition_by": link.object_id}
    order = [Project.name_key, Project.id]
    query = (
        select(
            link.object_id,
            Project.name,
            func.row_number().over(**of_one, order_by=order).label("place"),
            func.count().over(**of_one).label("number"),
        )
        .join(Project, Project.id == link.project_id)
        .where(link.object_id.in_(list(ids)))
    )
    if besides is not None:
        query = query.where(link.project_id != besides)
    found = query.subquery().c
    first = select(found.object_id, found.name, found.number).where(found.place <= NAMED)
    return first.order_by(found.object_id, found.place)


def projects_of(kind: Kind, item: Any) -> set[uuid.UUID]:
    """Return the projects of an object that the viewer may know."""
    if kind.owned:
        return {item.project_id}
    link = kind.model.Link
    return set(db.session.scalars(select(link.project_id).where(link.object_id == item.id)))


def archived(project_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return those projects that are archived: no form offers them, and none takes them away."""
    wanted = Project.id.in_(list(project_ids))
    return set(
        db.session.scalars(select(Project.id).where(wanted, Project.archived_at.is_not(None)))
    )


def taken(kind: Kind, name: str, projects: set[uuid.UUID], besides: uuid.UUID | None) -> bool:
    """Tell whether the name stands among what the viewer may see: more would betray others."""
    model = kind.model
    query = select(model.id).where(model.name_key == name_key(name))
    if besides:
        query = query.where(model.id != besides)
    if kind.owned:
        query = query.where(model.project_id.in_(projects))
    return db.session.scalars(query.limit(1)).first() is not None
