"""The tiles of projects and what is counted on them. The wall filters by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union, union_all

from portal.calls.models import Visit, VisitHour
from portal.database import search_key, utcnow
from portal.extensions import db
from portal.members.models import GroupUser
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser

PAGE = 60
STATES = ("active", "archived", "all")
ORDERS = ("name", "changed", "created")
HOURS = 24

SAME_GROUP = and_(
    ProjectGroup.company_id == GroupUser.company_id, ProjectGroup.group_id == GroupUser.group_id
)


@dataclass(frozen=True)
class Filters:
    """What the tiles are restricted to, and their order."""

    text: str = ""
    state: str = "active"
    order: str = "name"

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass
class Tile:
    """A project and what is in it; ``hours``: calls in each of the last 24 hours, oldest first."""

    project: Project
    people: int = 0
    groups: int = 0
    objects: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)

    @property
    def calls(self) -> int:
        return sum(self.hours)


@dataclass(frozen=True)
class Page:
    tiles: list[Tile]
    older: uuid.UUID | None
    counts: dict[str, int]


def page(filters: Filters, after: Project | None = None) -> Page:
    """Return the tiles behind ``after``, with nothing counted in them yet."""
    query = _in_state(_filtered(select(Project), filters), filters.state)
    found = list(db.session.scalars(_ordered(query, filters.order, after).limit(PAGE + 1)))
    shown = found[:PAGE]
    return Page(
        tiles=[Tile(project) for project in shown],
        older=shown[-1].id if len(found) > PAGE else None,
        counts=_counts(filters),
    )


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    for word in search_key(filters.text).split()[:8]:
        query = query.where(Project.search_key.contains(word, autoescape=True))
    return query


def _in_state(query: Select[Any], state: str) -> Select[Any]:
    if state == "active":
        return query.where(Project.archived_at.is_(None))
    return query.where(Project.archived_at.is_not(None)) if state == "archived" else query


def _ordered(query: Select[Any], order: str, after: Project | None) -> Select[Any]:
    if order == "name":
        key, beyond = Project.name_key, Project.name_key.__gt__
        query = query.order_by(Project.name_key, Project.id)
        tie = Project.id.__gt__
    else:
        key = Project.changed_at if order == "changed" else Project.created_at
        beyond, tie = key.__lt__, Project.id.__lt__
        query = query.order_by(key.desc(), Project.id.desc())
    if after is None:
        return query
    value = getattr(after, key.key)
    return query.where(or_(beyond(value), and_(key == value, tie(after.id))))


def _counts(filters: Filters) -> dict[str, int]:
    """Return how many projects there are in each state."""
    archived = Project.archived_at.is_not(None)
    query = _filtered(select(archived, func.count(Project.id)), filters).group_by(archived)
    found = {bool(key): count for key, count in db.session.execute(query)}
    active, past = found.get(False, 0), found.get(True, 0)
    return {"active": active, "archived": past, "all": active + past}


def count_people(tiles: Collection[Tile]) -> None:
    """Fill in how many people (by name or by group, each once) and groups there are."""
    ids = [tile.project.id for tile in tiles]
    pairs = union(
        select(ProjectUser.project_id, ProjectUser.user_id).where(ProjectUser.project_id.in_(ids)),
        select(ProjectGroup.project_id, GroupUser.user_id)
        .join(GroupUser, SAME_GROUP)
        .where(ProjectGroup.project_id.in_(ids)),
    ).subquery()
    people = select(pairs.c.project_id, func.count()).group_by(pairs.c.project_id)
    groups = (
        select(ProjectGroup.project_id, func.count(ProjectGroup.group_id))
        .where(ProjectGroup.project_id.in_(ids))
        .group_by(ProjectGroup.project_id)
    )
    by_people, by_groups = _numbers(people), _numbers(groups)
    for tile in tiles:
        tile.people = by_people.get(tile.project.id, 0)
        tile.groups = by_groups.get(tile.project.id, 0)


def count_objects(tiles: Collection[Tile]) -> None:
    """Fill in how many objects of all kinds there are: one statement for all."""
    ids = [tile.project.id for tile in tiles]
    parts = []
    for kind in KINDS.values():
        table = kind.model if kind.owned else kind.model.Link
        part = select(table.project_id.label("project_id"), func.count().label("number"))
        part = part.select_from(table).where(table.project_id.in_(ids))
        parts.append(part.group_by(table.project_id))
    each = union_all(*parts).subquery()
    total = func.sum(each.c.number)
    found = _numbers(select(each.c.project_id, total).group_by(each.c.project_id))
    for tile in tiles:
        tile.objects = int(found.get(tile.project.id, 0))


def _numbers(statement: Any) -> dict[uuid.UUID, int]:
    return {project_id: number for project_id, number in db.session.execute(statement)}


def count_calls(tiles: Collection[Tile], now: dt.datetime | None = None) -> None:
    """Fill in the calls of the last 24 hours: exactly, from totals and the few that cross."""
    this_hour = (now or utcnow()).replace(minute=0, second=0, microsecond=0)
    since = this_hour - dt.timedelta(hours=HOURS - 1)
    ids = [tile.project.id for tile in tiles]
    by_hour = (
        select(VisitHour.project_id, VisitHour.starts_at, func.sum(VisitHour.first_visits))
        .where(VisitHour.starts_at >= since, VisitHour.project_id.in_(ids))
        .group_by(VisitHour.project_id, VisitHour.starts_at)
    )
    crossing = select(Visit.project_id, Visit.started_at).where(
        Visit.crosses_projects,
        Visit.first_in_project,
        Visit.started_at >= since,
        Visit.project_id.in_(ids),
    )
    of = {tile.project.id: tile for tile in tiles}
    rows = [*db.session.execute(by_hour), *((p, t, 1) for p, t in db.session.execute(crossing))]
    for project_id, moment, number in rows:
        hour = int((moment - since).total_seconds() // 3600)
        if 0 <= hour < HOURS:
            of[project_id].hours[hour] += int(number)


def taken(name_key: str, besides: uuid.UUID | None) -> bool:
    """Tell whether a project that the viewer sees has this name; of others nothing is said."""
    query = select(Project.id).where(Project.name_key == name_key)
    if besides:
        query = query.where(Project.id != besides)
    return db.session.scalars(query.limit(1)).first() is not None


def visible_default() -> Project | None:
    """Return the project Default, if the viewer sees it."""
    return db.session.scalars(select(Project).where(Project.is_default)).first()


def by_id(project_id: uuid.UUID) -> Project | None:
    return db.session.scalars(select(Project).where(Project.id == project_id)).first()
