"""Schedules are the working hours of an operator, a dialer or a queue."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class Schedule(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "schedules"
    kind = "schedule"


KIND = Kind(
    slug="schedules",
    model=Schedule,
    order=20,
    icon="calendar-time",
    label=_l("Schedule"),
    plural=_l("Schedules"),
    add=_l("New schedule"),
    purpose=_l("Schedules are the working hours of an operator, a dialer or a queue."),
)
