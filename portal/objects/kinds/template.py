"""Notification templates are the texts of e-mails and SMS."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class NotificationTemplate(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "notification_templates"
    kind = "template"


KIND = Kind(
    slug="templates",
    model=NotificationTemplate,
    order=70,
    icon="message-2",
    label=_l("Notification template"),
    plural=_l("Notification templates"),
    add=_l("New template"),
    purpose=_l("Notification templates are the texts of e-mails and SMS."),
)
