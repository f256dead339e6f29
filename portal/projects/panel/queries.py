"""What the tabs of the panel list: what is in the project, and what could be."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from portal.database import having_words
from portal.extensions import db
from portal.members.models import Group, GroupUser, User
from portal.members.users.queries import group_names, project_ids
from portal.objects.queries import Places, places
from portal.objects.registry import KINDS
from portal.projects import moves
from portal.projects.models import Project, ProjectGroup, ProjectUser
from portal.projects.panel.tabs import TABS, Tab
from portal.projects.queries import default_besides

PAGE = 50
MOST = 5000
SHOWN = ("all", "in", "out")


@dataclass(frozen=True)
class View:
    """What the open tab is restricted to; ``limit`` is the number of rows of each section."""

    text: str = ""
    group_id: uuid.UUID | None = None
    show: str = "all"
    by_group: bool = False
    limit: int = PAGE


@dataclass
class Row:
    """One line of a tab: a person, a group or an object."""

    id: uuid.UUID
    name: str
    item: Any
    member: bool
    groups: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)
    others: int = 0
    in_default: bool = False
    places: Places = field(default_factory=Places)
    effect: moves.Effect | None = None
    removable: bool = True


@dataclass(frozen=True)
class Section:
    rows: list[Row]
    total: int

    @property
    def more(self) -> bool:
        return self.total > len(self.rows)


def counts(project: Project) -> dict[str, int]:
    """Return how many of each tab's things are in the project: one statement for all."""
    parts = [
        select(literal(slug).label("slug"), func.count().label("number"))
        .select_from(tab.link)
        .where(tab.link.project_id == project.id)
        for slug, tab in TABS.items()
    ]
    return {row.slug: row.number for row in db.session.execute(union_all(*parts))}


def section(tab: Tab, project: Project, view: View, *, member: bool) -> Section:
    """Return what is in the project (``member``) or what could be added to it."""
    model = tab.model
    query = _inside(select(model), tab, project) if member else _outside(tab, project)
    query = _matching(query, tab, view)
    total = db.session.scalar(_count(query.with_only_columns(model.id))) or 0
    if model is User:
        query = query.options(joinedload(User.role))
    first = [_first_group()] if view.by_group and model is User else []
    items = list(
        db.session.scalars(query.order_by(*first, model.search_key, model.id).limit(view.limit))
    )
    rows = [Row(item.id, item.name, item, member) for item in items]
    _FILL.get(tab.slug, _fill_objects)(tab, project, rows)
    return Section(rows, total)


def _count(query: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(query.subquery())


def _inside(query: Select[Any], tab: Tab, project: Project) -> Select[Any]:
    model = tab.model
    if tab.owned:
        return query.where(model.project_id == project.id)
    direct = select(tab.reference).where(tab.link.project_id == project.id)
    if model is not User:
        return query.where(model.id.in_(direct))
    return query.where(or_(model.id.in_(direct), model.id.in_(_by_group(project))))


def _outside(tab: Tab, project: Project) -> Select[Any]:
    model = tab.model
    if tab.owned:
        return select(model).where(model.project_id != project.id)
    direct = select(tab.reference).where(tab.link.project_id == project.id)
    query = select(model).where(model.id.not_in(direct))
    if model is User:
        query = query.where(model.id.not_in(_by_group(project)), User.locked_at.is_(None))
    return query


def _by_group(project: Project) -> Select[Any]:
    groups = select(ProjectGroup.group_id).where(ProjectGroup.project_id == project.id)
    return select(GroupUser.user_id).where(GroupUser.group_id.in_(groups))


def _matching(query: Select[Any], tab: Tab, view: View) -> Select[Any]:
    model = tab.model
    query = query.where(*having_words(model.search_key, view.text))
    if view.group_id and model is User:
        members = select(GroupUser.user_id).where(GroupUser.group_id == view.group_id)
        query = query.where(User.id.in_(members))
    return query


def _first_group() -> Any:
    """Order people by the first of their groups; those without any come last."""
    same = and_(Group.company_id == GroupUser.company_id, Group.id == GroupUser.group_id)
    first = (
        select(func.min(Group.search_key))
        .join(GroupUser, same)
        .where(GroupUser.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    return first.asc().nulls_last()


def _fill_users(tab: Tab, project: Project, rows: list[Row]) -> None:
    ids = [row.id for row in rows]
    names, projects = group_names(ids), project_ids(ids)
    direct = _direct(project, ids)
    via = _via(project, ids)
    default = default_besides(project)
    in_default = _direct(default, ids) if default else set()
    for row in rows:
        row.groups = names.get(row.id, [])
        row.others = len(projects.get(row.id, set()) - {project.id})
        row.via = via.get(row.id, [])
        row.removable = row.id in direct
        row.in_default = row.id in in_default


def _direct(project: Project, ids: list[uuid.UUID]) -> set[uuid.UUID]:
    query = select(ProjectUser.user_id).where(
        ProjectUser.project_id == project.id, ProjectUser.user_id.in_(ids)
    )
    return set(db.session.scalars(query))


def _via(project: Project, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    groups = select(ProjectGroup.group_id).where(ProjectGroup.project_id == project.id)
    query = (
        select(GroupUser.user_id, Group.name)
        .join(GroupUser.group)
        .where(GroupUser.group_id.in_(groups), GroupUser.user_id.in_(ids))
        .order_by(Group.search_key)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for user_id, name in db.session.execute(query):
        found.setdefault(user_id, []).append(name)
    return found


def _fill_groups(tab: Tab, project: Project, rows: list[Row]) -> None:
    query = (
        select(GroupUser.group_id, func.count(GroupUser.user_id))
        .where(GroupUser.group_id.in_([row.id for row in rows]))
        .group_by(GroupUser.group_id)
    )
    sizes = dict(tuple(row) for row in db.session.execute(query))
    for row in rows:
        row.others = sizes.get(row.id, 0)


def _fill_objects(tab: Tab, project: Project, rows: list[Row]) -> None:
    """Say in which other projects objects are, and whose sight of an owned one a move changes."""
    elsewhere = places(KINDS[tab.slug], [row.item for row in rows], besides=project.id)
    for row in rows:
        row.places = elsewhere[row.id]
    if not tab.owned:
        return
    default = default_besides(project)
    effects = moves.effects({row.item.project_id for row in rows if not row.member}, project)
    for row in rows:
        row.removable = default is not None
        row.effect = None if row.member else effects[row.item.project_id]


def names_of(user_ids: Collection[uuid.UUID], most: int) -> list[str]:
    """Return the first names of these people."""
    query = select(User.name).where(User.id.in_(user_ids)).order_by(User.search_key, User.id)
    return list(db.session.scalars(query.limit(most)))


_FILL = {"users": _fill_users, "groups": _fill_groups}
