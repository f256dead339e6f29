"""The home project of people: that which they are in, if they are in one only."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from portal.extensions import db
from portal.members.models import GroupUser
from portal.projects.models import Project, ProjectGroup, ProjectUser


def homes_of(company_id: int, people: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the only project of each person, by name or by group; archived ones do not count."""
    wanted = sorted(people)
    if not wanted:
        return {}
    named = select(ProjectUser.user_id, ProjectUser.project_id).where(
        ProjectUser.company_id == company_id, ProjectUser.user_id.in_(wanted)
    )
    grouped = (
        select(GroupUser.user_id, ProjectGroup.project_id)
        .join(
            ProjectGroup,
            (ProjectGroup.company_id == GroupUser.company_id)
            & (ProjectGroup.group_id == GroupUser.group_id),
        )
        .where(GroupUser.company_id == company_id, GroupUser.user_id.in_(wanted))
    )
    live = select(Project.id).where(Project.company_id == company_id, Project.archived_at.is_(None))
    active = set(db.session.scalars(live))
    projects: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for query in (named, grouped):
        for user_id, project_id in db.session.execute(query):
            if project_id in active:
                projects[user_id].add(project_id)
    return {user_id: next(iter(ids)) for user_id, ids in projects.items() if len(ids) == 1}
