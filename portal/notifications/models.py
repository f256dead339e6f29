"""Messages that a gateway has sent for a project."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.objects.kinds.template import NotificationTemplate

STATUSES = {"sent": _l("Sent"), "delivered": _l("Delivered"), "failed": _l("Failed")}


class Notification(ProjectOwned, db.Model):
    """One e-mail or SMS. ``reference`` names it at the gateway, or is made of what it says."""

    __tablename__ = "notifications"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        UniqueConstraint("company_id", "project_id", "reference"),
        Index(None, "company_id", "project_id", "sent_at"),
    )

    template = Ref(NotificationTemplate, nullable=True)
    template_raw: Mapped[str] = mapped_column(String(100))
    channel: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(10))  # one of STATUSES
    parts: Mapped[int]
    cost: Mapped[int | None]  # in millionths of the currency
    currency: Mapped[str] = mapped_column(String(3))
    sent_at: Mapped[dt.datetime]
    reference: Mapped[str] = mapped_column(String(100))
