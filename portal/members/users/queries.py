"""The list of people, and the projects that they work in. The wall filters by itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.database import having_words
from portal.extensions import db
from portal.members.models import Group, GroupUser, Role, User
from portal.projects.models import Project, ProjectGroup, ProjectUser

PAGE = 50
STATES = ("active", "invited", "locked")
_TEMPLATES = ("admin", "supervisor", "operator")


@dataclass(frozen=True)
class Filters:
    """What a list of people is restricted to; several values of one kind are alternatives."""

    text: str = ""
    groups: tuple[uuid.UUID, ...] = ()
    roles: tuple[uuid.UUID, ...] = ()
    projects: tuple[uuid.UUID, ...] = ()
    states: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.groups or self.roles or self.projects or self.states)


@dataclass(frozen=True)
class Row:
    """One line of the list; ``projects`` counts those that the viewer may know."""

    person: User
    groups: list[str]
    projects: int


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    total: int
    newer: uuid.UUID | None = None
    older: uuid.UUID | None = None


@dataclass
class Way:
    """A project that a person works in, and how: by name, by groups, or both."""

    project: Project
    direct: bool = False
    groups: list[str] = field(default_factory=list)


def page(filters: Filters, *, after: User | None = None, before: User | None = None) -> Page:
    """Return the people behind ``after``, or in front of ``before``, in order of their names."""
    query = _filtered(select(User), filters).options(joinedload(User.role))
    backwards = after is None and before is not None
    if after is not None:
        query = query.where(_beyond(after, backwards=False))
    elif before is not None:
        query = query.where(_beyond(before, backwards=True))
    keys = (User.search_key, User.id)
    order = [key.desc() if backwards else key.asc() for key in keys]
    found = list(db.session.scalars(query.order_by(*order).limit(PAGE + 1)))
    people, more = found[:PAGE], len(found) > PAGE
    if backwards:
        people.reverse()
    has_newer = more if backwards else after is not None
    has_older = True if backwards else more
    return Page(
        rows=_rows(people),
        total=total(filters),
        newer=people[0].id if people and has_newer else None,
        older=people[-1].id if people and has_older else None,
    )


def _beyond(person: User, *, backwards: bool) -> Any:
    if backwards:
        tie = and_(User.search_key == person.search_key, User.id < person.id)
        return or_(User.search_key < person.search_key, tie)
    tie = and_(User.search_key == person.search_key, User.id > person.id)
    return or_(User.search_key > person.search_key, tie)


def total(filters: Filters) -> int:
    return db.session.scalar(_filtered(select(func.count(User.id)), filters)) or 0


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(*having_words(User.search_key, filters.text))
    if filters.groups:
        query = query.where(User.id.in_(_in_groups(filters.groups)))
    if filters.roles:
        query = query.where(User.role_id.in_(filters.roles))
    if filters.projects:
        direct = select(ProjectUser.user_id).where(ProjectUser.project_id.in_(filters.projects))
        groups = select(ProjectGroup.group_id).where(ProjectGroup.project_id.in_(filters.projects))
        query = query.where(or_(User.id.in_(direct), User.id.in_(_in_groups(groups))))
    if filters.states:
        query = query.where(or_(*(_STATES[state] for state in filters.states)))
    return query


def _in_groups(groups: Any) -> Any:
    return select(GroupUser.user_id).where(GroupUser.group_id.in_(groups))


_STATES = {
    "active": and_(User.locked_at.is_(None), User.password_hash.is_not(None)),
    "invited": and_(User.locked_at.is_(None), User.password_hash.is_(None)),
    "locked": User.locked_at.is_not(None),
}


def _rows(people: Sequence[User]) -> list[Row]:
    ids = [person.id for person in people]
    groups, projects = group_names(ids), project_ids(ids)
    return [Row(p, groups.get(p.id, []), len(projects.get(p.id, ()))) for p in people]


def group_names(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the names of the groups of people, as far as the viewer may know them."""
    statement = (
        select(GroupUser.user_id, Group.name)
        .join(GroupUser.group)
        .where(GroupUser.user_id.in_(user_ids))
        .order_by(Group.search_key)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for user_id, name in db.session.execute(statement):
        found.setdefault(user_id, []).append(name)
    return found


def project_ids(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return the projects of people that the viewer may know."""
    direct = select(ProjectUser.user_id, ProjectUser.project_id).where(
        ProjectUser.user_id.in_(user_ids)
    )
    by_group = (
        select(GroupUser.user_id, ProjectGroup.project_id)
        .join(ProjectGroup, _SAME_GROUP)
        .where(GroupUser.user_id.in_(user_ids))
    )
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for statement in (direct, by_group):
        for user_id, project_id in db.session.execute(statement):
            found.setdefault(user_id, set()).add(project_id)
    return found


_SAME_GROUP = and_(
    ProjectGroup.company_id == GroupUser.company_id, ProjectGroup.group_id == GroupUser.group_id
)


def ways(person: User) -> list[Way]:
    """Return the projects of a person that the viewer may know, and by which way each."""
    direct = select(ProjectUser.project_id).where(ProjectUser.user_id == person.id)
    by_group = (
        select(ProjectGroup.project_id, Group.name)
        .join(GroupUser, _SAME_GROUP)
        .join(GroupUser.group)
        .where(GroupUser.user_id == person.id)
        .order_by(Group.search_key)
    )
    direct_ids = set(db.session.scalars(direct))
    groups = db.session.execute(by_group).all()
    wanted = direct_ids | {project_id for project_id, _ in groups}
    projects = select(Project).where(Project.id.in_(wanted)).order_by(Project.name_key)
    found = {p.id: Way(p, p.id in direct_ids) for p in db.session.scalars(projects)}
    for project_id, name in groups:
        if project_id in found:
            found[project_id].groups.append(name)
    return list(found.values())


def by_ids(user_ids: Collection[uuid.UUID]) -> list[User]:
    """Return those of the people named whom the viewer sees."""
    statement = select(User).where(User.id.in_(user_ids)).options(joinedload(User.role))
    return list(db.session.scalars(statement.order_by(User.search_key)))


def all_roles() -> list[Role]:
    """Return the templates first, then the company's own roles."""
    query = select(Role).options(selectinload(Role.granted))
    rank = case({name: place for place, name in enumerate(_TEMPLATES)}, value=Role.template)
    return list(db.session.scalars(query.order_by(Role.template.is_(None), rank, Role.name_key)))


def all_groups() -> list[Group]:
    return list(db.session.scalars(select(Group).order_by(Group.search_key)))


def direct_projects(person: User) -> set[uuid.UUID]:
    statement = select(ProjectUser.project_id).where(ProjectUser.user_id == person.id)
    return set(db.session.scalars(statement))


def groups_of(person: User) -> set[uuid.UUID]:
    statement = select(GroupUser.group_id).where(GroupUser.user_id == person.id)
    return set(db.session.scalars(statement))
