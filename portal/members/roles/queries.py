"""Roles, what they hold and how many people have them."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select

from portal.extensions import db
from portal.members.groups.queries import Members, sorted_out
from portal.members.models import Role, User


def people_by_role() -> dict[uuid.UUID, int]:
    """Return how many people have each role, as far as the viewer sees them."""
    query = select(User.role_id, func.count(User.id)).group_by(User.role_id)
    return dict(db.session.execute(query).all())


def members(role: Role, text: str) -> Members:
    return sorted_out(User.role_id == role.id, text)
