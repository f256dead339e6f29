"""Creating, editing and deleting a company's own roles. The templates cannot be changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATE_NAMES
from portal.company.operations import hold_company
from portal.database import name_key
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members import rights
from portal.members.models import Role, RolePermission, User
from portal.members.users.operations import set_role


def create(
    name: str, description: str, permissions: Collection[Permission], *, actor: User
) -> Role:
    hold_company()
    rights.refuse_giving(permissions, actor=actor, field="permissions")
    _refuse_taken(name, None)
    role = Role(
        company_id=actor.company_id, name=name, name_key=name_key(name), description=description
    )
    db.session.add(role)
    db.session.flush()
    _grant(role, frozenset(permissions))
    return role


def edit(
    role: Role,
    name: str,
    description: str,
    permissions: Collection[Permission],
    *,
    version: int,
    actor: User,
) -> None:
    hold_company()
    db.session.refresh(role)
    if role.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=role)
    _refuse_fixed(role, actor)
    rights.refuse_giving(permissions, actor=actor, field="permissions")
    _refuse_taken(name, role)
    role.name, role.name_key, role.description = name, name_key(name), description
    role.version += 1
    _grant(role, frozenset(permissions))


def remove(role: Role, *, actor: User) -> None:
    """Delete a role that nobody has."""
    hold_company()
    _refuse_fixed(role, actor)
    if db.session.scalar(select(User.id).where(User.role_id == role.id).limit(1)) is not None:
        raise RefusedError(_("People have this role. Give them another one first."))
    _grant(role, frozenset())
    db.session.delete(role)
    db.session.flush()


def assign(role: Role, people: Sequence[User], *, actor: User) -> int:
    """Give people this role; return how many had another one."""
    return set_role(people, role, actor=actor)


def obstacle(role: Role, *, actor: User) -> str | None:
    """Say why the actor may not change ``role``; ``None`` if they may."""
    if role.template:
        return _("This role is a template: copy it to make one of your own.")
    if not rights.may_give(role, actor=actor):
        return _("This role may do more than you.")
    return None


def _refuse_fixed(role: Role, actor: User) -> None:
    message = obstacle(role, actor=actor)
    if message:
        raise RefusedError(message)


def _grant(role: Role, permissions: frozenset[Permission]) -> None:
    """Make ``permissions`` those of the role."""
    now = {row.permission: row for row in role.granted}
    wanted = {permission.value for permission in permissions}
    for permission, row in now.items():
        if permission not in wanted:
            role.granted.remove(row)
    for permission in sorted(wanted - now.keys()):
        role.granted.append(RolePermission(company_id=role.company_id, permission=permission))
    db.session.flush()


def _refuse_taken(name: str, role: Role | None) -> None:
    key = name_key(name)
    statement = select(Role.id).where(Role.name_key == key)
    if role is not None:
        statement = statement.where(Role.id != role.id)
    templates = {name_key(str(label)) for label in TEMPLATE_NAMES.values()}
    if key in templates or db.session.scalar(statement) is not None:
        raise RefusedError(_("This name is taken already."), field="name")
