"""Who is asking, what they may do and what they may see: read anew for each request."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import g
from sqlalchemy import bindparam, select, union

from portal.access.permissions import Permission
from portal.access.policy import permissions_of
from portal.company.models import Company
from portal.extensions import db
from portal.members.models import GroupUser, Role, RolePermission, User
from portal.projects.models import ProjectGroup, ProjectUser
from portal.wall.scope import Scope, unscoped

# Every request asks for these: they are written once.
_GRANTED = select(RolePermission.permission).where(
    RolePermission.company_id == bindparam("company_id"),
    RolePermission.role_id == bindparam("role_id"),
)
_PROJECTS = union(
    select(ProjectUser.project_id).where(
        ProjectUser.company_id == bindparam("company_id"),
        ProjectUser.user_id == bindparam("user_id"),
    ),
    select(ProjectGroup.project_id)
    .join(
        GroupUser,
        (GroupUser.company_id == ProjectGroup.company_id)
        & (GroupUser.group_id == ProjectGroup.group_id),
    )
    .where(
        ProjectGroup.company_id == bindparam("company_id"),
        GroupUser.user_id == bindparam("user_id"),
    ),
)


@dataclass(frozen=True)
class Identity:
    """A person in the moment of one request."""

    user: User
    company: Company
    permissions: frozenset[Permission]
    scope: Scope
    role_id: uuid.UUID  # for what goes on after the request, when rows are let go


def identity_of(user: User, company: Company, role: Role) -> Identity:
    """Read the permissions and the projects of ``user`` from the database."""
    with unscoped("what a person may see is asked before they have a scope"):
        permissions = _permissions(role)
        sees_all = not company.walled or Permission.SEE_EVERYTHING in permissions
        scope = Scope(
            company_id=company.id,
            user_id=user.id,
            sees_all=sees_all,
            sees_people=sees_all
            or not permissions.isdisjoint({Permission.MANAGE_ACCESS, Permission.MANAGE_PEOPLE}),
            project_ids=() if sees_all else _project_ids(company.id, user.id),
        )
    return Identity(user, company, permissions, scope, role.id)


def identity_by_id(company_id: int, user_id: uuid.UUID) -> Identity | None:
    """Return the identity of a person for a job or a command; ``None`` if locked or gone."""
    with unscoped("a job names a person before it has a scope"):
        row = db.session.execute(
            select(User, Company, Role)
            .join(Company, Company.id == User.company_id)
            .join(Role, (Role.company_id == User.company_id) & (Role.id == User.role_id))
            .where(User.company_id == company_id, User.id == user_id, User.locked_at.is_(None))
        ).first()
    return identity_of(*row) if row else None


def _permissions(role: Role) -> frozenset[Permission]:
    if role.template is not None:
        return permissions_of(role.template, [])
    granted = {"company_id": role.company_id, "role_id": role.id}
    return permissions_of(None, list(db.session.scalars(_GRANTED, granted)))


def _project_ids(company_id: int, user_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Return the projects of a user: direct memberships and those of their groups."""
    found = db.session.scalars(_PROJECTS, {"company_id": company_id, "user_id": user_id})
    return tuple(sorted(found))


def assume(identity: Identity) -> None:
    """Make ``identity`` the one in force for the rest of this request, job or command."""
    g.identity = identity
    g.actor = identity.user
    g.scope = identity.scope


def can(permission: Permission) -> bool:
    """Tell whether the person who is asking holds ``permission``."""
    identity = g.get("identity")
    return identity is not None and permission in identity.permissions
