"""Schedules are the working hours of an operator, a dialer or a queue."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class Schedule(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "schedules"
    kind = "schedule"
