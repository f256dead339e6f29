"""What an object may use: what is in its project, as far as the viewer sees it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, or_, select

from portal.database import ProjectOwned
from portal.extensions import db
from portal.members.models import GroupUser, User
from portal.projects.models import ProjectGroup, ProjectUser


def pickable(
    model: Any, project_ids: set[uuid.UUID], keep: Iterable[uuid.UUID | None] = ()
) -> list[tuple[uuid.UUID, str]]:
    """Return id and name of what objects of these projects may use; ``keep`` also if inactive."""
    kept = [one for one in keep if one]
    if issubclass(model, ProjectOwned):
        inside = model.project_id.in_(project_ids)
    else:
        link = model.Link
        ids = select(link.object_id).where(link.project_id.in_(project_ids))
        inside = model.id.in_(ids)
    query = select(model.id, model.name).where(inside, or_(model.active, model.id.in_(kept)))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(model.search_key))]


def name_of(model: Any, identifier: uuid.UUID) -> str | None:
    """Return the name of an object, if the viewer sees it."""
    return db.session.scalar(select(model.name).where(model.id == identifier))


def people(
    project_ids: set[uuid.UUID], keep: uuid.UUID | None = None
) -> list[tuple[uuid.UUID, str]]:
    """Return who is in one of the projects, or all whom the viewer sees where none is chosen."""
    query = select(User.id, User.name).where(or_(User.locked_at.is_(None), User.id == keep))
    if project_ids:
        inside = {user_id for one in project_ids for user_id in people_in(one)}
        query = query.where(User.id.in_(inside | {keep} - {None}))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(User.name_key))]


def people_in(project_id: uuid.UUID) -> set[uuid.UUID]:
    """Return who is in a project, by name or by group, as far as the viewer sees them."""
    direct = select(ProjectUser.user_id).where(ProjectUser.project_id == project_id)
    same = and_(
        GroupUser.company_id == ProjectGroup.company_id, GroupUser.group_id == ProjectGroup.group_id
    )
    by_group = select(GroupUser.user_id).join(ProjectGroup, same)
    by_group = by_group.where(ProjectGroup.project_id == project_id)
    return {*db.session.scalars(direct), *db.session.scalars(by_group)}
