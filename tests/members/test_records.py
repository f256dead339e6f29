"""What the activity says of changes of people, groups, roles and the security type."""

from __future__ import annotations

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.extensions import db
from tests import factories as make


def recorded(app, cast, since):
    """Return what was recorded after the entry ``since``: action, kind, name, before, after."""
    with make.building(app, of=cast.admin):
        query = select(AuditEntry).where(AuditEntry.seq > since).order_by(AuditEntry.seq)
        return [
            (entry.action, entry.kind, entry.object_name, entry.before, entry.after)
            for entry in db.session.scalars(query)
        ]


def last(app, cast):
    with make.building(app, of=cast.admin):
        return max(db.session.scalars(select(AuditEntry.seq)))


def test_each_change_is_recorded_once_and_refusals_leave_nothing(app, cast, visitor):
    admin = visitor("admin@example.org")
    since = last(app, cast)
    role, care = str(cast.operator_role.id), str(cast.care.id)
    ala = {"name": "Ala", "email": "ala@example.org", "role": role, "projects": care}
    admin.post("/users/new", ala)
    admin.post("/users/new", ala, status=422)
    admin.post(f"/users/{cast.operator.id}/lock")
    admin.post(f"/users/{cast.operator.id}/lock")
    admin.post(f"/users/{cast.admin.id}/lock", status=422)
    admin.post(f"/groups/{cast.day.id}", {"version": "1", "remove-user": str(cast.both.id)})
    admin.post("/roles/new", {"name": "Mine", "permissions": ["export", "view_calls"]})
    admin.post("/settings/security", {"to": "simple", "typed": "Brannova"})
    assert recorded(app, cast, since) == [
        (
            "created",
            "user",
            "Ala",
            None,
            {"name": "Ala", "email": "ala@example.org", "role": "Operator"},
        ),
        ("changed", "project", "Obsługa klienta", None, {"users": ["Ala"]}),
        ("locked", "user", "Jan Kos", None, None),
        ("changed", "group", "Ranna zmiana", {"users": ["Both Ways"]}, None),
        (
            "created",
            "role",
            "Mine",
            None,
            {"name": "Mine", "permissions": ["export", "view_calls"]},
        ),
        (
            "security_changed",
            "company",
            "Brannova",
            {"security": "enhanced"},
            {"security": "simple"},
        ),
    ]
