"""Creating, editing, locking and inviting people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.accounts.operations import invite, shut_out
from portal.company.operations import hold_company
from portal.database import name_key, utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members import rights
from portal.members.models import Group, GroupUser, Role, User
from portal.projects.models import Project, ProjectUser


@dataclass(frozen=True)
class Changes:
    """Memberships to add and to take away: groups or projects."""

    added: Sequence[Any] = ()
    removed: Sequence[Any] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


NOTHING = Changes()


def create(
    values: dict[str, Any],
    role: Role,
    *,
    groups: Sequence[Group] = (),
    projects: Sequence[Project] = (),
    actor: User,
) -> User:
    """Create an employee with role, groups and projects, and mail them an invitation."""
    hold_company()
    rights.refuse_giving(role.permissions, actor=actor, field="role")
    _refuse_taken(values["email"], None)
    person = User(company_id=actor.company_id, role=role, **_columns(values))
    db.session.add(person)
    db.session.flush()
    _change_groups(person, Changes(added=groups))
    _change_projects(person, Changes(added=projects), actor)
    invite(person, actor=actor)
    return person


def edit(
    person: User,
    values: dict[str, Any],
    role: Role,
    *,
    groups: Changes = NOTHING,
    projects: Changes = NOTHING,
    version: int,
    actor: User,
) -> None:
    """Change a person as the form that was opened at ``version`` says."""
    hold_company()
    db.session.refresh(person)
    if person.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=person)
    rights.refuse_strangers([person], actor=actor)
    _refuse_taken(values["email"], person)
    if role.id != person.role_id:
        _give(role, [person], actor)
    moved = name_key(values["email"]) != person.email_key
    for column, value in _columns(values).items():
        setattr(person, column, value)
    person.version += 1
    db.session.flush()
    _change_groups(person, groups)
    _change_projects(person, projects, actor)
    if moved and person.state == "invited":
        invite(person, actor=actor)  # the link in the first mail is not theirs


def lock(people: Sequence[User], *, actor: User) -> None:
    """Lock people out, at once and everywhere."""
    hold_company()
    rights.refuse_strangers(people, actor=actor)
    if any(person.id == actor.id for person in people):
        raise RefusedError(_("You cannot lock yourself."))
    rights.refuse_without_admin({person.id for person in people})
    for person in people:
        if person.locked_at is None:
            person.locked_at = utcnow()
            person.version += 1
    shut_out(people)
    db.session.flush()


def unlock(person: User, *, actor: User) -> None:
    hold_company()
    rights.refuse_strangers([person], actor=actor)
    if person.locked_at is not None:
        person.locked_at = None
        person.version += 1
        db.session.flush()


def set_role(people: Sequence[User], role: Role, *, actor: User) -> int:
    """Give ``people`` a role; return how many had another one. All of them, or nobody."""
    hold_company()
    rights.refuse_strangers(people, actor=actor)
    others = [person for person in people if person.role_id != role.id]
    _give(role, others, actor)
    for person in others:
        person.version += 1
    db.session.flush()
    return len(others)


def resend_invitation(person: User, *, actor: User) -> None:
    rights.refuse_strangers([person], actor=actor)
    if person.state != "invited":
        raise RefusedError(_("%(name)s has a password already.", name=person.name))
    invite(person, actor=actor)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": values["name"],
        "name_key": name_key(values["name"]),
        "email": values["email"],
        "email_key": name_key(values["email"]),
        "extension": values["extension"],
        "language": values["language"],
        "timezone": values["timezone"],
    }


def _refuse_taken(email: str, person: User | None) -> None:
    """Who creates people sees all of the company, so that this betrays nothing to them."""
    statement = select(User.id).where(User.email_key == name_key(email))
    if person is not None:
        statement = statement.where(User.id != person.id)
    if db.session.scalar(statement) is not None:
        raise RefusedError(_("Somebody of your company has this address."), field="email")


def _give(role: Role, people: Sequence[User], actor: User) -> None:
    rights.refuse_giving(role.permissions, actor=actor, field="role")
    if role.template != "admin":
        rights.refuse_without_admin({person.id for person in people}, field="role")
    for person in people:
        person.role = role


def _change_groups(person: User, changes: Changes) -> None:
    if not changes:
        return
    touched = {group.id for group in (*changes.added, *changes.removed)}
    rights.refuse_foreign_groups(touched, field="groups")
    _change(GroupUser, "group_id", person, changes)


def _change_projects(person: User, changes: Changes, actor: User) -> None:
    if not changes:
        return
    if Permission.MANAGE_ACCESS not in actor.role.permissions:
        raise RefusedError(_("You may not change who is in a project."), field="projects")
    if any(project.archived_at for project in changes.added):
        raise RefusedError(_("This project is archived."), field="projects")
    _change(ProjectUser, "project_id", person, changes)


def _change(link: Any, column: str, person: User, changes: Changes) -> None:
    """Add and take away rows of ``link``; what is so already stays as it is."""
    rows = db.session.scalars(select(link).where(link.user_id == person.id))
    now = {getattr(row, column): row for row in rows}
    for target in changes.removed:
        if target.id in now:
            db.session.delete(now[target.id])
    for target in changes.added:
        if target.id not in now:
            key = {"company_id": person.company_id, "user_id": person.id, column: target.id}
            db.session.add(link(**key))
    db.session.flush()
