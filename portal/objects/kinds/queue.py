"""Queues distribute inbound and outbound calls to operators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class Queue(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "queues"
    kind = "queue"


KIND = Kind(
    slug="queues",
    model=Queue,
    order=10,
    icon="stack-2",
    label=_l("Queue"),
    plural=_l("Queues"),
    add=_l("New queue"),
    purpose=_l("Queues distribute inbound and outbound calls to operators."),
)
