"""Creating, filling and deleting groups."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from portal.company.operations import hold_company
from portal.database import name_key
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members import rights
from portal.members.models import Group, GroupUser, User
from portal.projects.models import ProjectGroup


def create(name: str, description: str, *, actor: User) -> Group:
    hold_company()
    _refuse_taken(name, None)
    group = Group(
        company_id=actor.company_id, name=name, name_key=name_key(name), description=description
    )
    db.session.add(group)
    db.session.flush()
    return group


def edit(group: Group, name: str, description: str, *, version: int, actor: User) -> None:
    _open(group, version)
    _refuse_taken(name, group)
    group.name, group.name_key, group.description = name, name_key(name), description
    db.session.flush()


def fill(
    group: Group, *, add: Sequence[User], remove: Sequence[User], version: int, actor: User
) -> None:
    """Add and take away people; who is in or out already stays so."""
    _open(group, version)
    rows = db.session.scalars(select(GroupUser).where(GroupUser.group_id == group.id))
    now = {row.user_id: row for row in rows}
    for person in remove:
        if person.id in now:
            db.session.delete(now[person.id])
    for person in add:
        if person.id not in now:
            key = {"company_id": group.company_id, "group_id": group.id, "user_id": person.id}
            db.session.add(GroupUser(**key))
    db.session.flush()


def remove(group: Group, *, actor: User) -> None:
    """Delete a group that opens no project: people would lose sight without anybody noticing."""
    hold_company()
    rights.refuse_foreign_groups([group.id])
    used = select(ProjectGroup.project_id).where(ProjectGroup.group_id == group.id).limit(1)
    if db.session.scalar(used) is not None:
        raise RefusedError(_("%(name)s is in a project: take it out there first.", name=group.name))
    for row in db.session.scalars(select(GroupUser).where(GroupUser.group_id == group.id)):
        db.session.delete(row)
    db.session.flush()
    db.session.delete(group)
    db.session.flush()


def _open(group: Group, version: int) -> None:
    """Begin to change a group as it was seen at ``version``."""
    hold_company()
    db.session.refresh(group)
    if group.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=group)
    rights.refuse_foreign_groups([group.id])
    group.version += 1


def _refuse_taken(name: str, group: Group | None) -> None:
    statement = select(Group.id).where(Group.name_key == name_key(name))
    if group is not None:
        statement = statement.where(Group.id != group.id)
    if db.session.scalar(statement) is not None:
        raise RefusedError(_("This name is taken already."), field="name")
