"""Groups, and who is in them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.database import having_words
from portal.extensions import db
from portal.members.models import Group, GroupUser, User
from portal.projects.models import Project, ProjectGroup

MOST_AVAILABLE = 50
MOST_MEMBERS = 500


@dataclass(frozen=True)
class Row:
    group: Group
    people: int
    projects: list[str]


@dataclass(frozen=True)
class Members:
    """Who is in a group, or has a role, and who could be: the first of each, and how many."""

    inside: list[User]
    outside: list[User]
    inside_count: int
    outside_count: int


def listed(text: str) -> list[Row]:
    """Return the groups whose names have each word of ``text``."""
    query = select(Group).order_by(Group.search_key, Group.id)
    query = query.where(*having_words(Group.search_key, text))
    groups = list(db.session.scalars(query))
    counts = _counts()
    projects = _projects()
    return [Row(group, counts.get(group.id, 0), projects.get(group.id, [])) for group in groups]


def _counts() -> dict[uuid.UUID, int]:
    query = select(GroupUser.group_id, func.count(GroupUser.user_id)).group_by(GroupUser.group_id)
    return dict(db.session.execute(query).all())


def _projects() -> dict[uuid.UUID, list[str]]:
    query = select(ProjectGroup.group_id, Project.name).join(
        Project,
        (Project.company_id == ProjectGroup.company_id) & (Project.id == ProjectGroup.project_id),
    )
    found: dict[uuid.UUID, list[str]] = {}
    for group_id, name in db.session.execute(query.order_by(Project.name_key)):
        found.setdefault(group_id, []).append(name)
    return found


def members(group: Group, text: str) -> Members:
    inside = User.id.in_(select(GroupUser.user_id).where(GroupUser.group_id == group.id))
    return sorted_out(inside, text)


def sorted_out(inside: Any, text: str) -> Members:
    """Return the people for whom ``inside`` holds and the others, as far as ``text`` finds them."""
    found = having_words(User.search_key, text)
    query = select(User).options(joinedload(User.role)).order_by(User.search_key, User.id)
    count = select(func.count(User.id))
    outside = [~inside, User.locked_at.is_(None), *found]
    return Members(
        inside=list(db.session.scalars(query.where(inside, *found).limit(MOST_MEMBERS))),
        outside=list(db.session.scalars(query.where(*outside).limit(MOST_AVAILABLE))),
        inside_count=db.session.scalar(count.where(inside, *found)) or 0,
        outside_count=db.session.scalar(count.where(*outside)) or 0,
    )
