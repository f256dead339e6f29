"""Queues distribute inbound and outbound calls to operators."""

from __future__ import annotations

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.models import ObjectKind


class Queue(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "queues"
    kind = "queue"
