"""Reverting a change: a new change, by the same rules, back to what was there before."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import fields, trail
from portal.audit.models import AuditEntry
from portal.audit.revertible import ARCHIVED, RESTORED, model_of
from portal.audit.values import plain
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.groups import operations as groups
from portal.members.models import Group, User
from portal.objects import operations as objects
from portal.objects.registry import KINDS
from portal.projects import operations as projects
from portal.projects.models import TARGETS, Project


def revert(entry: AuditEntry, *, actor: User) -> Any:
    """Give back what the change of ``entry`` took away, and return the thing.

    Raise ConflictError if it has been changed again since: somebody's later work would be lost.
    """
    thing = _held(entry)
    if entry.action in (ARCHIVED, RESTORED):
        _refuse_changed(
            [] if bool(thing.archived_at) is (entry.action == ARCHIVED) else ["archived_at"]
        )
        (projects.restore if entry.action == ARCHIVED else projects.archive)(thing, actor=actor)
    else:
        _refuse_changed(_changed_since(entry, thing))
        _give_back(entry, thing, actor)
    trail.note(thing, None, {"reverts": {"at": entry.at.isoformat()}})
    return thing


def _held(entry: AuditEntry) -> Any:
    """Return what an entry is about as it is now; nobody changes it until the end."""
    model = model_of(entry)
    query = select(model).where(model.id == entry.object_id).with_for_update(key_share=True)
    thing = db.session.scalars(query, execution_options={"populate_existing": True}).first()
    if thing is None:
        raise RefusedError(_("%(name)s does not exist any more.", name=entry.object_name))
    return thing


def _changed_since(entry: AuditEntry, thing: Any) -> list[str]:
    after = entry.after or {}
    told = {*(entry.before or {}), *after}
    return sorted(x for x in told if (plain(getattr(thing, x)) or "") != (after.get(x) or ""))


def _refuse_changed(names: list[str]) -> None:
    if names:
        labels = ", ".join(map(fields.label, names))
        raise ConflictError(_("This has been changed again since: %(fields)s.", fields=labels))


def _give_back(entry: AuditEntry, thing: Any, actor: User) -> None:
    """Edit a thing as its form would, with the old values in the fields that were changed."""
    before = entry.before or {}
    values = {x: before.get(x, _nothing(thing, x)) for x in {*before, *(entry.after or {})}}
    name = values.get("name", thing.name)
    version = thing.version
    about = values.get("description", getattr(thing, "description", ""))
    if isinstance(thing, Project):
        goals = {one: values[one] for one in TARGETS if one in values}
        projects.edit(thing, name, about, goals, version=version, actor=actor)
    elif isinstance(thing, Group):
        groups.edit(thing, name, about, version=version, actor=actor)
    else:
        kind = next(one for one in KINDS.values() if one.model is type(thing))
        values = {**values, "name": name}
        objects.edit(kind, thing, values, None, version=version, actor=actor)


def _nothing(thing: Any, field: str) -> Any:
    """Return what an empty field of a thing holds: entries leave it out."""
    return None if type(thing).__table__.columns[field].nullable else ""
