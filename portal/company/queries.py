"""What a company is made of, and what a change of its security type would do, in numbers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.extensions import db
from portal.members.models import GroupUser, Role, User
from portal.objects.kind import Kind
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser


def default_project() -> Project:
    """Return the project that was founded together with the company."""
    return db.session.scalars(select(Project).where(Project.is_default)).one()


def projects_by_user() -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return the projects of each person who is in any, by name or by group."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    direct = select(ProjectUser.user_id, ProjectUser.project_id)
    by_group = select(GroupUser.user_id, ProjectGroup.project_id).join(
        ProjectGroup,
        (ProjectGroup.company_id == GroupUser.company_id)
        & (ProjectGroup.group_id == GroupUser.group_id),
    )
    for statement in (direct, by_group):
        for user_id, project_id in db.session.execute(statement):
            found.setdefault(user_id, set()).add(project_id)
    return found


def people_without_project() -> set[uuid.UUID]:
    return set(db.session.scalars(select(User.id))) - projects_by_user().keys()


def objects_without_project(kind: Kind) -> set[uuid.UUID]:
    """Return the objects of a shared kind that are in no project."""
    model = kind.model
    linked = select(model.Link.object_id)
    return set(db.session.scalars(select(model.id).where(model.id.not_in(linked))))


@dataclass(frozen=True)
class KindCount:
    """How many objects of a kind there are, and how many of them Default will hold."""

    kind: Kind
    total: int
    in_default: int


@dataclass(frozen=True)
class Preview:
    """What the change to enhanced will do."""

    kinds: list[KindCount]
    people_in_default: int
    people: int
    # Those who see everything today and then only their own of several projects.
    limited: int
    projects: int

    @property
    def objects_in_default(self) -> int:
        return sum(count.in_default for count in self.kinds)

    @property
    def objects(self) -> int:
        return sum(count.total for count in self.kinds)


def preview_enhanced() -> Preview:
    default = default_project()
    members = projects_by_user()
    people = _people()
    projects = set(db.session.scalars(select(Project.id)))
    loses = [
        user_id
        for user_id, role in people
        if not _sees_everything(role) and members.get(user_id, {default.id}) != projects
    ]
    joining = sum(1 for user_id, _ in people if user_id not in members)
    already = sum(1 for user_id, _ in people if default.id in members.get(user_id, ()))
    return Preview(
        kinds=[_count(kind, default) for kind in KINDS.values()],
        people_in_default=joining + already,
        people=len(people),
        limited=len(loses),
        projects=len(projects),
    )


def _count(kind: Kind, default: Project) -> KindCount:
    model = kind.model
    total = db.session.scalar(select(func.count(model.id))) or 0
    if kind.owned:
        inside = select(func.count(model.id)).where(model.project_id == default.id)
        return KindCount(kind, total, db.session.scalar(inside) or 0)
    link = model.Link
    inside = select(func.count(link.object_id)).where(link.project_id == default.id)
    loose = len(objects_without_project(kind))
    return KindCount(kind, total, (db.session.scalar(inside) or 0) + loose)


@dataclass
class RoleGain:
    """What the people of one role will see more when the walls are taken down."""

    role: Role
    persons: list[PersonGain] = field(default_factory=list)

    @property
    def fewest(self) -> int:
        return min(person.projects for person in self.persons)

    @property
    def most(self) -> int:
        return max(person.projects for person in self.persons)


@dataclass(frozen=True)
class PersonGain:
    name: str
    projects: int


@dataclass(frozen=True)
class Opening:
    """What the change to simple will do; ``roles`` holds only those who will see more."""

    roles: list[RoleGain]
    projects: int
    objects: int
    people: int

    @property
    def gaining(self) -> int:
        return sum(len(role.persons) for role in self.roles)


def preview_simple() -> Opening:
    members = projects_by_user()
    projects = db.session.scalar(select(func.count(Project.id))) or 0
    gains: dict[uuid.UUID, RoleGain] = {}
    people = db.session.execute(select(User, Role).join(User.role).order_by(User.search_key))
    count = 0
    for user, role in people:
        count += 1
        if not _sees_everything(role):
            gain = gains.setdefault(role.id, RoleGain(role))
            gain.persons.append(PersonGain(user.name, len(members.get(user.id, ()))))
    objects = sum(db.session.scalar(select(func.count(k.model.id))) or 0 for k in KINDS.values())
    return Opening(sorted(gains.values(), key=_by_name), projects, objects, count)


def _by_name(gain: RoleGain) -> str:
    return gain.role.name_key


def _people() -> list[tuple[uuid.UUID, Role]]:
    rows = db.session.execute(select(User.id, Role).join(User.role))
    return [(user_id, role) for user_id, role in rows]


def _sees_everything(role: Role) -> bool:
    return Permission.SEE_EVERYTHING in role.permissions
