"""The hours of a week and of special days: how they are written, and when it is open.

Hours are minutes from the midnight on which their day begins; what goes over midnight ends behind
1440 and belongs to the day on which it begins. They are those of the clock on the wall.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import gettext as _

from portal.objects.fields import FaultError

DAY = 24 * 60
MOST_DAYS = 366
_INTERVAL = re.compile(
    r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*[-–]\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?", re.ASCII
)
_LINE = re.compile(r"(\S+?)(?:\.\.(\S+))?(?:\s+([^#]*?))?\s*(?:#\s*(.*))?", re.ASCII)


class Hours(NamedTuple):
    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= DAY else self.end - DAY)}"

    @property
    def over_midnight(self) -> bool:
        return self.end > DAY


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_hours(text: str) -> list[Hours]:
    """Read the hours of a day, e.g. ``8-12, 13:00-17:30`` or ``22:00-06:00``, in order."""
    found = sorted(_interval(part) for part in re.split(r"[,;]", text) if part.strip())
    for one, after in itertools.pairwise(found):
        if after.start < one.end:
            raise FaultError(_("%(one)s and %(other)s overlap.", one=one, other=after))
    return found


def _interval(text: str) -> Hours:
    match = _INTERVAL.fullmatch(text.strip())
    if match is None:
        raise FaultError(_("Write hours like 09:00-12:30, 13:00-17:00."))
    hour, minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= DAY or end > DAY:
        raise FaultError(_("A day has the hours from 00:00 to 24:00."))
    if start == end:
        raise FaultError(_("An interval has to end at another time than it begins."))
    return Hours(start, end if end > start else end + DAY)


def written(hours: Sequence[Hours]) -> str:
    return ", ".join(map(str, hours))


@dataclass(frozen=True)
class SpecialDays:
    """A line of exceptions: the hours of some days in a row, none if they are closed."""

    first: dt.date
    last: dt.date
    hours: tuple[Hours, ...]
    name: str

    @property
    def keys(self) -> list[dt.date]:
        days = (self.last - self.first).days
        return [self.first + dt.timedelta(days=number) for number in range(days + 1)]

    def __str__(self) -> str:
        days = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        name = f"# {self.name}" if self.name else ""
        return " ".join(part for part in (days, written(self.hours), name) if part)


def read_special(line: str) -> SpecialDays:
    """Read e.g. ``2026-12-24..2026-12-26 10:00-14:00 # Christmas``; without hours it is closed."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise FaultError(_("Write a day like 2026-12-24, then its hours, then # and a name."))
    first, last, hours, name = match.groups()
    begins = _date(first)
    ends = _date(last) if last else begins
    if ends < begins:
        raise FaultError(_("The last day is before the first."))
    if (ends - begins).days >= MOST_DAYS:
        raise FaultError(_("At most %(days)d days in one line.", days=MOST_DAYS))
    return SpecialDays(begins, ends, tuple(read_hours(hours or "")), (name or "").strip())


def _date(text: str) -> dt.date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise FaultError(_("Write a day like 2026-12-24, then its hours, then # and a name."))


@dataclass(frozen=True)
class Day:
    """What a day looks like: its hours, and the exception that gave it them."""

    date: dt.date
    hours: tuple[Hours, ...]
    special: SpecialDays | None


@dataclass(frozen=True)
class Calendar:
    """The hours of the seven days from Monday on, and the exceptions."""

    week: tuple[tuple[Hours, ...], ...]
    special: tuple[SpecialDays, ...]

    def day(self, date: dt.date) -> Day:
        found = next((one for one in self.special if one.first <= date <= one.last), None)
        return Day(date, found.hours if found else self.week[date.weekday()], found)

    def is_open(self, local: dt.datetime) -> bool:
        """Tell whether it is open at a time on the schedule's clock."""
        minute = local.hour * 60 + local.minute
        today = self.day(local.date()).hours
        yesterday = self.day(local.date() - dt.timedelta(days=1)).hours
        return any(one.start <= minute < one.end for one in today) or any(
            minute < one.end - DAY for one in yesterday
        )
