"""What others have changed in a project since somebody opened its panel."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.objects.registry import KINDS
from portal.projects.models import Project
from portal.projects.panel.tabs import TABS

_MOST = 20
_FIELDS: dict[str, LazyString] = {
    "name": _l("Name"),
    "description": _l("Description"),
    "archived_at": _l("Archived"),
    "users": TABS["users"].label,
    "groups": TABS["groups"].label,
    **{kind.model.__tablename__: kind.plural for kind in KINDS.values()},
}
_KINDS = {kind.name: kind.plural for kind in KINDS.values()}


@dataclass(frozen=True)
class Row:
    """One field before and after: a text, or names that left and names that came."""

    label: LazyString
    before: Any
    after: Any

    @property
    def many(self) -> bool:
        return isinstance(self.before or self.after, list)


@dataclass(frozen=True)
class Theirs:
    """One change that somebody else made, field by field."""

    who: str
    rows: list[Row]


def last_entry(project: Project) -> uuid.UUID | None:
    """Return the id of the newest entry in the activity of a project: it tells no numbers."""
    query = select(AuditEntry.id).where(AuditEntry.project_id == project.id)
    return db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(1)).first()


def changes(project: Project, seen: uuid.UUID | None) -> list[Theirs]:
    """Return what was changed after the entry ``seen``, the newest first."""
    query = select(AuditEntry).where(AuditEntry.project_id == project.id)
    if seen:
        last = select(AuditEntry.seq).where(
            AuditEntry.project_id == project.id, AuditEntry.id == seen
        )
        query = query.where(AuditEntry.seq > (db.session.scalar(last) or 0))
    entries = db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(_MOST))
    found = [Theirs(entry.actor_name, list(_rows(entry))) for entry in entries]
    return [theirs for theirs in found if theirs.rows]


def _rows(entry: AuditEntry) -> Iterator[Row]:
    before, after = entry.before or {}, entry.after or {}
    if entry.kind == "project":
        for name in {**before, **after}:
            if name in _FIELDS:
                yield Row(_FIELDS[name], before.get(name), after.get(name))
    elif entry.kind in _KINDS:
        came = entry.action in ("moved_in", "created")
        left = entry.action in ("moved_out", "deleted")
        if came or left:
            names = [entry.object_name]
            yield Row(_KINDS[entry.kind], names if left else [], names if came else [])
