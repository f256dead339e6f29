"""Which changes can be taken back, and who may: what the feed offers and the operation does."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import inspect

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.audit.values import is_secret
from portal.members.models import Group
from portal.objects.registry import KINDS
from portal.projects.models import Project

ARCHIVED, RESTORED = "archived", "restored"
_PLAIN = (str, bool, int, float, type(None))


def model_of(entry: AuditEntry) -> Any:
    """Return the model of what an entry is about, if changes of such things can be reverted."""
    if entry.kind in ("project", "group"):
        return Project if entry.kind == "project" else Group
    return next((kind.model for kind in KINDS.values() if kind.name == entry.kind), None)


def permission_for(entry: AuditEntry) -> Permission | None:
    """Return what it takes to revert the change of an entry: as much as to make it; or None."""
    model = model_of(entry)
    if model is None or entry.object_id is None:
        return None
    if model is Project and not g.identity.company.walled:
        return None
    archiving = model is Project and entry.action in (ARCHIVED, RESTORED)
    if not archiving and not (entry.action == "changed" and _fields_of(entry, model)):
        return None
    if model is Project:
        return Permission.MANAGE_PROJECTS
    return Permission.MANAGE_PEOPLE if model is Group else Permission.MANAGE_OBJECTS


def allowed(entry: AuditEntry) -> bool:
    permission = permission_for(entry)
    return permission is not None and can(permission)


def _fields_of(entry: AuditEntry, model: Any) -> bool:
    """Tell whether all fields of an entry are columns with plain values, known before and after.

    Memberships and references are told by name, and a name does not say who or what it was.
    """
    before, after = entry.before or {}, entry.after or {}
    columns = inspect(model).columns
    return bool(before or after) and all(
        field in columns
        and not is_secret(field)
        and isinstance(before.get(field), _PLAIN)
        and isinstance(after.get(field), _PLAIN)
        for field in {*before, *after}
    )
