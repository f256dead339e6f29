"""Favourites, saved filters and subscriptions: each is its person's own."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import PersonOwned, utcnow
from portal.extensions import db


class FavouriteReport(PersonOwned, db.Model):
    """A report with a star."""

    __tablename__ = "favourite_reports"
    __audit__ = False  # nobody's concern but the person's own
    __table_args__ = (UniqueConstraint("company_id", "person_id", "report"),)

    report: Mapped[str] = mapped_column(String(60))


class SavedReport(PersonOwned, db.Model):
    """A report's filters under a name; ``filter`` is what stands in the address."""

    private: ClassVar[bool] = True
    __tablename__ = "saved_reports"
    __audit__ = False  # as above
    __table_args__ = (UniqueConstraint("company_id", "person_id", "report", "name_key"),)

    report: Mapped[str] = mapped_column(String(60))
    filter: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))


class ReportSubscription(PersonOwned, db.Model):
    """A report that is mailed each 'day', each 'week' on Monday or each 'month' on its first day.

    ``hour``: on the clock of the person. ``next_at``: when it is due; moved on by who sends it.
    """

    private: ClassVar[bool] = True
    __tablename__ = "report_subscriptions"
    __audit__ = False  # each mail is told
    __table_args__ = (
        Index(None, "company_id", "person_id", "id"),
        Index("ix_report_subscriptions_next_at", "next_at"),
    )

    report: Mapped[str] = mapped_column(String(60))
    filter: Mapped[str] = mapped_column(Text)
    every: Mapped[str] = mapped_column(String(5))
    hour: Mapped[int]
    next_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
