"""Notification templates are the texts of e-mails and SMS."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class NotificationTemplate(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "notification_templates"
    kind = "template"
