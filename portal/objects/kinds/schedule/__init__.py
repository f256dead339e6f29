"""Schedules are the working hours of an operator, a dialer or a queue."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import SelectField

from portal.database import ProjectShared, utcnow
from portal.extensions import db
from portal.languages import zones
from portal.objects.fields import LinesField, ReadField, entries
from portal.objects.kind import Kind
from portal.objects.kinds.schedule.hours import Calendar, read_hours, read_special, written
from portal.objects.models import ObjectKind
from portal.objects.settings import Settings

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PREVIEWED = 14
LIMIT = 200


class Schedule(ObjectKind, ProjectShared, db.Model):
    """Hours of days and exceptions are kept as they are written, see :mod:`.hours`."""

    __tablename__ = "schedules"
    kind = "schedule"

    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    monday: Mapped[str] = mapped_column(String(LIMIT), default="")
    tuesday: Mapped[str] = mapped_column(String(LIMIT), default="")
    wednesday: Mapped[str] = mapped_column(String(LIMIT), default="")
    thursday: Mapped[str] = mapped_column(String(LIMIT), default="")
    friday: Mapped[str] = mapped_column(String(LIMIT), default="")
    saturday: Mapped[str] = mapped_column(String(LIMIT), default="")
    sunday: Mapped[str] = mapped_column(String(LIMIT), default="")
    exceptions: Mapped[str] = mapped_column(Text, default="")


def calendar_of(schedule: Any) -> Calendar:
    """Return the calendar of a schedule, or of the data of its form."""
    week = tuple(tuple(read_hours(schedule[day] or "")) for day in DAYS)
    return Calendar(week, tuple(entries(schedule["exceptions"] or "", read_special)))


def _day(label: Any) -> ReadField:
    return ReadField(label, lambda text: written(read_hours(text)), limit=LIMIT)


class ScheduleSettings(Settings):
    sections = {
        _l("Week"): ("timezone", *DAYS),
        _l("Special days"): ("exceptions",),
    }
    preview_page = "objects/previews/schedule.html"

    timezone = SelectField(
        _l("Time zone"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in zones()],
        default=lambda: g.identity.company.timezone,
    )
    monday = ReadField(
        _l("Monday"),
        lambda text: written(read_hours(text)),
        limit=LIMIT,
        description=_l("Like 09:00-12:30, 13:00-17:00 or 22:00-06:00. Empty: closed."),
    )
    tuesday = _day(_l("Tuesday"))
    wednesday = _day(_l("Wednesday"))
    thursday = _day(_l("Thursday"))
    friday = _day(_l("Friday"))
    saturday = _day(_l("Saturday"))
    sunday = _day(_l("Sunday"))
    exceptions = LinesField(
        _l("Holidays and exceptions"),
        read_special,
        description=_l(
            "One a line: 2026-12-25 # Christmas is closed, 2026-12-24 09:00-13:00 has other hours,"
            " 2026-12-24..2026-12-26 is several days."
        ),
    )

    def preview(self) -> dict[str, Any]:
        """Return the next days on the schedule's own clock, and whether it is open now."""
        calendar = calendar_of({name: self[name].data for name in (*DAYS, "exceptions")})
        zone = self.timezone.data if self.timezone.data in zones() else "UTC"
        now = utcnow().astimezone(ZoneInfo(zone))
        days = [calendar.day(now.date() + dt.timedelta(days=n)) for n in range(PREVIEWED)]
        return {"days": days, "open": calendar.is_open(now), "now": now.strftime("%H:%M")}


KIND = Kind(
    slug="schedules",
    model=Schedule,
    order=20,
    icon="calendar-time",
    label=_l("Schedule"),
    plural=_l("Schedules"),
    add=_l("New schedule"),
    purpose=_l("Schedules are the working hours of an operator, a dialer or a queue."),
    settings=ScheduleSettings,
)
