"""The tiles of projects and what is counted on them. The wall filters by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select, union

from portal.calls.models import VisitHour
from portal.database import name_key, utcnow
from portal.extensions import db
from portal.members.models import GroupUser
from portal.objects.kind import Kind
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser

STATES = ("active", "archived")
ORDERS = ("name", "changed")
SPARK_HOURS = 24


@dataclass(frozen=True)
class Filters:
    """What the tiles are restricted to, and in which order they stand."""

    text: str = ""
    state: str = "active"
    order: str = "name"


@dataclass
class Tile:
    """A project and, for who may know what is inside, how much of it there is."""

    project: Project
    people: int = 0
    groups: int = 0
    objects: int = 0
    hours: list[int] = field(default_factory=list)

    @property
    def lacks(self) -> bool:
        return not (self.people and self.objects)


def tiles(filters: Filters, *, inside: bool, calls: bool) -> list[Tile]:
    """Return the tiles; ``inside``: with counts, ``calls``: with the calls of the last day."""
    found = [Tile(project) for project in _projects(filters)]
    if inside:
        people, groups, objects = people_counts(), _group_counts(), object_counts()
        for tile in found:
            tile.people = people.get(tile.project.id, 0)
            tile.groups = groups.get(tile.project.id, 0)
            tile.objects = objects.get(tile.project.id, 0)
    if calls:
        courses = _courses()
        for tile in found:
            tile.hours = courses.get(tile.project.id, [0] * SPARK_HOURS)
    return found


def _projects(filters: Filters) -> list[Project]:
    archived = Project.archived_at.is_not(None) if filters.state == "archived" else (
        Project.archived_at.is_(None)
    )
    query = select(Project).where(archived)
    if filters.text:
        query = query.where(Project.name_key.contains(name_key(filters.text), autoescape=True))
    keys = (Project.name_key, Project.id)
    order = keys if filters.order == "name" else (Project.changed_at.desc(), Project.id)
    return list(db.session.scalars(query.order_by(*order)))


def state_counts() -> dict[str, int]:
    """Return how many projects the viewer sees in each state."""
    archived = Project.archived_at.is_not(None)
    rows = db.session.execute(select(archived, func.count(Project.id)).group_by(archived))
    found = {bool(state): number for state, number in rows}
    return {"active": found.get(False, 0), "archived": found.get(True, 0)}


def people_in(project_ids: list[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who is in each of the projects, by name or by group."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {project_id: set() for project_id in project_ids}
    direct, by_group = _memberships()
    query = union(
        direct.where(ProjectUser.project_id.in_(project_ids)),
        by_group.where(ProjectGroup.project_id.in_(project_ids)),
    )
    for project_id, user_id in db.session.execute(query):
        found[project_id].add(user_id)
    return found


def people_counts() -> dict[uuid.UUID, int]:
    both = union(*_memberships()).subquery()
    rows = select(both.c.project_id, func.count()).group_by(both.c.project_id)
    return dict(tuple(row) for row in db.session.execute(rows))


def _memberships() -> tuple[Any, Any]:
    direct = select(ProjectUser.project_id, ProjectUser.user_id)
    same = and_(
        GroupUser.company_id == ProjectGroup.company_id, GroupUser.group_id == ProjectGroup.group_id
    )
    return direct, select(ProjectGroup.project_id, GroupUser.user_id).join(GroupUser, same)


def _group_counts() -> dict[uuid.UUID, int]:
    rows = select(ProjectGroup.project_id, func.count(ProjectGroup.group_id))
    return dict(tuple(row) for row in db.session.execute(rows.group_by(ProjectGroup.project_id)))


def object_counts() -> dict[uuid.UUID, int]:
    """Return how many objects of all kinds are in each project."""
    sums: dict[uuid.UUID, int] = {}
    for kind in KINDS.values():
        for project_id, number in kind_counts(kind).items():
            sums[project_id] = sums.get(project_id, 0) + number
    return sums


def kind_counts(kind: Kind) -> dict[uuid.UUID, int]:
    table = kind.model if kind.owned else kind.model.Link
    rows = select(table.project_id, func.count()).group_by(table.project_id)
    return dict(tuple(row) for row in db.session.execute(rows))


def _courses() -> dict[uuid.UUID, list[int]]:
    """Return the visits of each of the last hours, oldest first, by project."""
    now = utcnow().replace(minute=0, second=0, microsecond=0)
    first = now - dt.timedelta(hours=SPARK_HOURS - 1)
    rows = (
        select(VisitHour.project_id, VisitHour.starts_at, func.sum(VisitHour.visits))
        .where(VisitHour.starts_at >= first)
        .group_by(VisitHour.project_id, VisitHour.starts_at)
    )
    found: dict[uuid.UUID, list[int]] = {}
    for project_id, starts_at, visits in db.session.execute(rows):
        hour = int((starts_at - first).total_seconds() // 3600)
        if project_id and 0 <= hour < SPARK_HOURS:
            found.setdefault(project_id, [0] * SPARK_HOURS)[hour] += visits
    return found


def name_taken(name: str, besides: uuid.UUID | None = None) -> bool:
    """Tell whether a project that the viewer sees has this name."""
    query = select(Project.id).where(Project.name_key == name_key(name))
    if besides:
        query = query.where(Project.id != besides)
    return db.session.scalars(query.limit(1)).first() is not None
