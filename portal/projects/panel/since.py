"""What others have changed in a project since somebody opened its panel."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from portal.audit import feed
from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.projects.models import Project

_MOST = 20
# Of other things than the project itself only that they came and went matters to its panel.
_CAME_OR_WENT = ("moved_in", "moved_out", "created", "deleted")


@dataclass(frozen=True)
class Theirs:
    """One change that somebody else made: its sentence, and before and after of its fields."""

    text: str
    rows: list[dict[str, Any]]


def last_entry(project: Project) -> uuid.UUID | None:
    """Return the id of the newest entry in the activity of a project: it tells no numbers."""
    query = select(AuditEntry.id).where(AuditEntry.project_id == project.id)
    return db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(1)).first()


def changes(project: Project, seen: uuid.UUID | None) -> list[Theirs]:
    """Return what was changed after the entry ``seen``, the newest first."""
    query = select(AuditEntry).where(
        AuditEntry.project_id == project.id,
        or_(AuditEntry.kind == "project", AuditEntry.action.in_(_CAME_OR_WENT)),
    )
    if seen:
        last = select(AuditEntry.seq).where(
            AuditEntry.project_id == project.id, AuditEntry.id == seen
        )
        query = query.where(AuditEntry.seq > (db.session.scalar(last) or 0))
    entries = db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(_MOST))
    return [_told(entry) for entry in entries]


def _told(entry: AuditEntry) -> Theirs:
    part = feed.alone(entry)
    rows = part.rows if entry.kind == "project" else []
    for row in rows:
        row["many"] = isinstance(row["before"] or row["after"], list)
    return Theirs(part.text, rows)
