"""Who may act on whom: nobody gives what they do not hold, and the last Admin is safe."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATE_NAMES
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import GroupUser, Role, User
from portal.projects.models import ProjectGroup, ProjectUser
from portal.wall.scope import current, unscoped


def role_name(role: Role) -> str | LazyString:
    """Return the name of a role: of a template in the viewer's language."""
    return TEMPLATE_NAMES[role.template] if role.template else role.name


def may_give(role: Role, *, actor: User) -> bool:
    return role.permissions <= actor.role.permissions


def refuse_giving(permissions: Collection[Permission], *, actor: User, field: str) -> None:
    """Refuse what the actor does not hold, and name it."""
    missing = [p for p in Permission if p in permissions and p not in actor.role.permissions]
    if missing:
        names = ", ".join(str(permission.label) for permission in missing)
        message = _("You cannot give what you may not do yourself: %(names)s.", names=names)
        raise RefusedError(message, field=field)


def obstacle(person: User, *, actor: User) -> str | None:
    """Say why the actor may not edit or lock ``person``; ``None`` if they may.

    Who can change an address or a role can take the account over, so it must give nothing that
    the actor has not: no further permission and no further project.
    """
    if not person.role.permissions <= actor.role.permissions:
        return _("%(name)s may do more than you.", name=person.name)
    if working_elsewhere([person.id]):
        return _("%(name)s also works where you see nothing.", name=person.name)
    return None


def refuse_strangers(people: Iterable[User], *, actor: User) -> None:
    """Refuse unless the actor may edit all of ``people``; name the first who stands in the way."""
    people = list(people)
    elsewhere = working_elsewhere([person.id for person in people])
    for person in people:
        if person.id in elsewhere or not person.role.permissions <= actor.role.permissions:
            raise RefusedError(obstacle(person, actor=actor))


def working_elsewhere(user_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those who are in a project that the actor does not see, by name or by group."""
    scope = current()
    if scope.sees_all:
        return set()
    direct = select(ProjectUser.user_id, ProjectUser.project_id).where(
        ProjectUser.company_id == scope.company_id, ProjectUser.user_id.in_(user_ids)
    )
    by_group = (
        select(GroupUser.user_id, ProjectGroup.project_id)
        .join(
            ProjectGroup,
            (ProjectGroup.company_id == GroupUser.company_id)
            & (ProjectGroup.group_id == GroupUser.group_id),
        )
        .where(GroupUser.company_id == scope.company_id, GroupUser.user_id.in_(user_ids))
    )
    with unscoped("only whether there are projects behind the wall is asked, not which"):
        rows = [*db.session.execute(direct), *db.session.execute(by_group)]
    return {user_id for user_id, project_id in rows if project_id not in scope.projects}


def groups_elsewhere(group_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the groups that open a project that the actor does not see."""
    scope = current()
    if scope.sees_all:
        return set()
    statement = select(ProjectGroup.group_id, ProjectGroup.project_id).where(
        ProjectGroup.company_id == scope.company_id, ProjectGroup.group_id.in_(group_ids)
    )
    with unscoped("only whether there are projects behind the wall is asked, not which"):
        rows = db.session.execute(statement).all()
    return {group_id for group_id, project_id in rows if project_id not in scope.projects}


def refuse_foreign_groups(group_ids: Collection[uuid.UUID], *, field: str | None = None) -> None:
    if groups_elsewhere(group_ids):
        message = _("This group works in projects that you do not see.")
        raise RefusedError(message, field=field)


def refuse_without_admin(leaving: Collection[uuid.UUID], *, field: str | None = None) -> None:
    """Refuse unless an Admin remains who can sign in. The caller holds the company's lock."""
    admins = select(User.id, User.password_hash.is_not(None)).join(User.role)
    admins = admins.where(Role.template == "admin", User.locked_at.is_(None))
    staying: list[bool] = []
    going: list[bool] = []
    for user_id, can_sign_in in db.session.execute(admins):
        (going if user_id in leaving else staying).append(can_sign_in)
    if going and not (any(staying) or (staying and not any(going))):
        raise RefusedError(_("The company needs an Admin: this is the last one."), field=field)
