"""The tiles of projects and what is counted on them. The wall filters by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, union, union_all

from portal.calls.figures import VisitHour
from portal.calls.models import Visit
from portal.database import having_words, name_key, utcnow
from portal.extensions import db
from portal.members.models import GroupUser
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser

PAGE = 24
STATES = ("active", "archived", "all")
ORDERS = ("name", "changed", "created")
HOURS = 24

SAME_GROUP = and_(
    GroupUser.company_id == ProjectGroup.company_id, GroupUser.group_id == ProjectGroup.group_id
)


@dataclass(frozen=True)
class Filters:
    """What the tiles are restricted to, and in which order they stand."""

    text: str = ""
    state: str = "active"
    order: str = "name"


@dataclass
class Tile:
    """A project and, for who may know it, how much is in it; ``hours``: its calls, oldest first."""

    project: Project
    people: int = 0
    groups: int = 0
    objects: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)

    @property
    def calls(self) -> int:
        return sum(self.hours)

    @property
    def lacks(self) -> bool:
        return not (self.people and self.objects)


@dataclass(frozen=True)
class Page:
    """Tiles in their order, and the id behind which more of them follow."""

    tiles: list[Tile]
    last: uuid.UUID | None
    states: dict[str, int]


def page(filters: Filters, after: Project | None = None) -> Page:
    """Return the tiles behind ``after``; nothing in them is counted yet."""
    query = _matching(select(Project), filters)
    archived = Project.archived_at.is_not(None)
    if filters.state != "all":
        query = query.where(archived if filters.state == "archived" else ~archived)
    found = list(db.session.scalars(_ordered(query, filters.order, after).limit(PAGE + 1)))
    shown = found[:PAGE]
    return Page(
        tiles=[Tile(project) for project in shown],
        last=shown[-1].id if len(found) > PAGE else None,
        states=_states(filters),
    )


def _matching(query: Select[Any], filters: Filters) -> Select[Any]:
    return query.where(*having_words(Project.search_key, filters.text))


def _ordered(query: Select[Any], order: str, after: Project | None) -> Select[Any]:
    """Order the tiles, and begin behind ``after``."""
    if order == "name":
        query = query.order_by(Project.name_key, Project.id)
        if after is None:
            return query
        tie = and_(Project.name_key == after.name_key, Project.id > after.id)
        return query.where(or_(Project.name_key > after.name_key, tie))
    column = Project.changed_at if order == "changed" else Project.created_at
    query = query.order_by(column.desc(), Project.id.desc())
    if after is None:
        return query
    value = getattr(after, column.key)
    return query.where(or_(column < value, and_(column == value, Project.id < after.id)))


def _states(filters: Filters) -> dict[str, int]:
    """Return how many projects there are in each state."""
    archived = Project.archived_at.is_not(None)
    counted: Any = select(archived, func.count(Project.id))
    query = _matching(counted, filters).group_by(archived)
    found = {bool(state): number for state, number in db.session.execute(query)}
    active, past = found.get(False, 0), found.get(True, 0)
    return {"active": active, "archived": past, "all": active + past}


def _memberships(project_ids: Collection[uuid.UUID]) -> Any:
    """Return who is in which project: each pair once, by name or by group."""
    direct = select(ProjectUser.project_id, ProjectUser.user_id)
    by_group = select(ProjectGroup.project_id, GroupUser.user_id).join(GroupUser, SAME_GROUP)
    return union(
        direct.where(ProjectUser.project_id.in_(project_ids)),
        by_group.where(ProjectGroup.project_id.in_(project_ids)),
    )


def people_in(project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who is in each of the projects, by name or by group."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {project_id: set() for project_id in project_ids}
    for project_id, user_id in db.session.execute(_memberships(project_ids)):
        found[project_id].add(user_id)
    return found


def people_counts(project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    pairs = _memberships(project_ids).subquery()
    return _numbers(select(pairs.c.project_id, func.count()).group_by(pairs.c.project_id))


def count_people(tiles: Collection[Tile]) -> None:
    """Fill in how many people and groups there are."""
    ids = [tile.project.id for tile in tiles]
    groups = select(ProjectGroup.project_id, func.count(ProjectGroup.group_id))
    groups = groups.where(ProjectGroup.project_id.in_(ids)).group_by(ProjectGroup.project_id)
    by_people, by_groups = people_counts(ids), _numbers(groups)
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
    return dict(tuple(row) for row in db.session.execute(statement))


def count_calls(tiles: Collection[Tile]) -> None:
    """Fill in the calls of the last 24 hours: from totals, and the few that cross projects."""
    ids = [tile.project.id for tile in tiles]
    this_hour = utcnow().replace(minute=0, second=0, microsecond=0)
    since = this_hour - dt.timedelta(hours=HOURS - 1)
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
    tile_of = {tile.project.id: tile for tile in tiles}
    rows = [*db.session.execute(by_hour), *((p, at, 1) for p, at in db.session.execute(crossing))]
    for project_id, moment, number in rows:
        hour = int((moment - since).total_seconds() // 3600)
        if hour < HOURS:
            tile_of[project_id].hours[hour] += int(number)


def name_taken(name: str, besides: uuid.UUID | None = None) -> bool:
    """Tell whether a project that the viewer sees has this name."""
    query = select(Project.id).where(Project.name_key == name_key(name))
    if besides:
        query = query.where(Project.id != besides)
    return db.session.scalars(query.limit(1)).first() is not None


def default_besides(project: Project) -> Project | None:
    """Return Default if the viewer sees it and it is another project."""
    query = select(Project).where(Project.is_default, Project.id != project.id)
    return db.session.scalars(query).first()


def neighbours(project: Project) -> tuple[Project | None, Project | None]:
    """Return the projects before and behind this one, by name, that are archived or not like it."""
    archived = Project.archived_at.is_not(None)
    alike = select(Project).where(archived if project.archived_at else ~archived).limit(1)
    tie = Project.name_key == project.name_key
    before = or_(Project.name_key < project.name_key, and_(tie, Project.id < project.id))
    behind = or_(Project.name_key > project.name_key, and_(tie, Project.id > project.id))
    last = alike.where(before).order_by(Project.name_key.desc(), Project.id.desc())
    first = alike.where(behind).order_by(Project.name_key, Project.id)
    return db.session.scalars(last).first(), db.session.scalars(first).first()


def by_id(project_id: uuid.UUID) -> Project | None:
    return db.session.scalars(select(Project).where(Project.id == project_id)).first()


def by_ids(project_ids: Iterable[uuid.UUID]) -> list[Project]:
    wanted = select(Project).where(Project.id.in_(list(project_ids)))
    return list(db.session.scalars(wanted.order_by(Project.name_key, Project.id)))
