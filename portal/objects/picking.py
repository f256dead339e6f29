"""What an object may use: what is in its project, as far as the viewer sees it."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import or_, select

from portal.database import ProjectOwned
from portal.extensions import db


def pickable(
    model: Any, project_ids: set[uuid.UUID], keep: uuid.UUID | None = None
) -> list[tuple[uuid.UUID, str]]:
    """Return id and name of what objects of these projects may use; ``keep`` also if inactive."""
    if issubclass(model, ProjectOwned):
        inside = model.project_id.in_(project_ids)
    else:
        link = model.Link
        ids = select(link.object_id).where(link.project_id.in_(project_ids))
        inside = model.id.in_(ids)
    query = select(model.id, model.name).where(inside, or_(model.active, model.id == keep))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(model.search_key))]


def name_of(model: Any, identifier: uuid.UUID) -> str | None:
    """Return the name of an object, if the viewer sees it."""
    return db.session.scalar(select(model.name).where(model.id == identifier))
