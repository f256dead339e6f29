"""Stretches of time that lists are restricted to, cut in a time zone, kept in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter
from sqlalchemy.ext.compiler import compiles

from portal.database import UtcDateTime, utcnow
from portal.errors import RefusedError
from portal.filters import show_date

DEFAULT = "last_7_days"
CUSTOM = "custom"
MOST_DAYS = 3 * 366
FIRST_YEAR, LAST_YEAR = 1990, 2200
_DAY = dt.timedelta(days=1)


class _Written(BindParameter[dt.datetime]):
    """A time that PostgreSQL gets in the statement's text, so that it is planned for it.

    How much a period leaves differs most, and a plan that is kept for any of them reads a year row
    by row. SQLite plans all alike.
    """

    inherit_cache = True


@compiles(_Written, "postgresql")
def _written(element: _Written, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_bindparam(element, **options | {"literal_execute": True})
    return text


# Of sums over a period.
START, END = (_Written(name, type_=UtcDateTime()) for name in ("start", "end"))

PRESETS = {
    "today": _l("Today"),
    "yesterday": _l("Yesterday"),
    "last_7_days": _l("Last 7 days"),
    "last_30_days": _l("Last 30 days"),
    "last_90_days": _l("Last 90 days"),
    "this_month": _l("This month"),
    "last_month": _l("Last month"),
    CUSTOM: _l("From – to"),
}


@dataclass(frozen=True)
class Period:
    """Whole days of a time zone: from ``start`` up to but not including ``end``, both aware UTC."""

    name: str
    first_day: dt.date
    last_day: dt.date
    start: dt.datetime
    end: dt.datetime

    @property
    def label(self) -> str:
        return str(PRESETS[self.name])

    @property
    def range_label(self) -> str:
        """Return the days: '22 Nov 2026' or '16 Nov 2026 – 22 Nov 2026'."""
        if self.first_day == self.last_day:
            return show_date(self.first_day)
        return f"{show_date(self.first_day)} – {show_date(self.last_day)}"

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return [(name, str(label), name == self.name) for name, label in PRESETS.items()]

    def before(self, zone: ZoneInfo) -> Period:
        """Return as many days, up to the first of these."""
        first = self.first_day - (self.last_day - self.first_day) - _DAY
        return Period(CUSTOM, first, self.first_day - _DAY, midnight(first, zone), self.start)


def period_from(
    arguments: Mapping[str, str],
    timezone: str,
    *,
    default: str = DEFAULT,
    now: dt.datetime | None = None,
) -> Period:
    """Read ``period``, ``from`` and ``to``; raise RefusedError for what makes no sense."""
    zone = ZoneInfo(timezone)
    today = (now or utcnow()).astimezone(zone).date()
    name = arguments.get("period") or default
    if name not in PRESETS:
        raise RefusedError(_("This period is not known."), field="period")
    if name == CUSTOM:
        first, last = _custom(arguments, today)
    else:
        first, last = _preset(name, today)
    return Period(name, first, last, midnight(first, zone), midnight(last + _DAY, zone))


def _preset(name: str, today: dt.date) -> tuple[dt.date, dt.date]:
    this_month = today.replace(day=1)
    return {
        "today": (today, today),
        "yesterday": (today - _DAY, today - _DAY),
        "last_7_days": (today - 6 * _DAY, today),
        "last_30_days": (today - 29 * _DAY, today),
        "last_90_days": (today - 89 * _DAY, today),
        "this_month": (this_month, today),
        "last_month": ((this_month - _DAY).replace(day=1), this_month - _DAY),
    }[name]


def _custom(arguments: Mapping[str, str], today: dt.date) -> tuple[dt.date, dt.date]:
    """Return both days; a missing one is that of the other, and without any it is today."""
    first, last = _day(arguments, "from"), _day(arguments, "to")
    first, last = first or last or today, last or first or today
    if last < first:
        raise RefusedError(_("The end lies before the beginning."), field="to")
    if (last - first).days > MOST_DAYS:
        raise RefusedError(_("A period is at most three years long."), field="to")
    return first, last


def _day(arguments: Mapping[str, str], name: str) -> dt.date | None:
    text = arguments.get(name, "")
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise RefusedError(_("This is not a date."), field=name) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RefusedError(_("This is not a date."), field=name)
    return day


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return when a day of a zone begins: at its midnight, or when the clock jumps over that."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def day_of(moment: dt.datetime, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Return when the day begins in which a moment falls in a zone, and when the next one does."""
    day = moment.astimezone(zone).date()
    return midnight(day, zone), midnight(day + _DAY, zone)
