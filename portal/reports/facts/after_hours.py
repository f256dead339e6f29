"""Calls that entered a queue outside of its hours, told in SQL from the queue's schedule.

The clock on the schedule's wall is the second since 1970 and the offset of its zone at that second.
A day is open by what its weekday, or a special day, says of it and of the night before.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, false, not_, or_, select

from portal.calls.models import Visit
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import DAYS, Schedule, calendar_of
from portal.objects.kinds.schedule.hours import DAY as DAY_MIN
from portal.objects.kinds.schedule.hours import Calendar
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Measure, Sum
from portal.wall.criteria import looked_up

_DAY = dt.timedelta(days=1)
_1970 = dt.date(1970, 1, 1)
# The minutes of a day at which it is open: from one, up to but not including the other.
Open = tuple[tuple[int, int], ...]


@dataclass
class _Days:
    """Days that are open alike: some weekdays, and special days and their next, by number."""

    weekdays: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def after_hours(start: dt.datetime, end: dt.datetime) -> ColumnElement[bool]:
    """Return the condition that a visit began in a period, outside of its queue's hours."""
    made = g.setdefault("after_hours", {})
    if (start, end) not in made:
        outside = [
            and_(Visit.queue_id.in_(queues), closed(Visit.started_at, schedule, start, end))
            for schedule, queues in _schedules()
        ]
        made[start, end] = and_(
            Visit.started_at >= start, Visit.started_at < end, or_(false(), *outside)
        )
    return made[start, end]  # type: ignore[no-any-return]  # Flask's g has no types


def _schedules() -> list[tuple[Schedule, list[uuid.UUID]]]:
    """Return the schedules of queues, and of which they are."""
    queues: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    of_queues = select(Queue.id, Queue.schedule_id).where(Queue.schedule_id.is_not(None))
    for queue_id, schedule_id in db.session.execute(of_queues):
        queues[schedule_id].append(queue_id)
    found = db.session.scalars(select(Schedule).where(Schedule.id.in_(queues))) if queues else ()
    return [(one, queues[one.id]) for one in found]


def closed(
    at: Any, schedule: Schedule, start: dt.datetime, end: dt.datetime
) -> ColumnElement[bool]:
    """Return the condition that a time of a period is outside of a schedule's hours."""
    zone = ZoneInfo(schedule.timezone)
    calendar = calendar_of({name: getattr(schedule, name) for name in (*DAYS, "exceptions")})
    local_s = clock.Slot(at, 1) + _offset(at, zone, start, end)
    minute, day = local_s // 60 % DAY_MIN, local_s // (60 * DAY_MIN)
    first, last = (moment.astimezone(zone).date() for moment in (start, end))
    special = _special(calendar, first, last)
    weekday, numbers = (day + _1970.weekday()) % 7, [_number(one) for one in special]
    ways = []
    for hours, days in _alike(calendar, special).items():
        usual = and_(weekday.in_(days.weekdays), day.not_in(numbers))
        within = [and_(minute >= begins, minute < ends) for begins, ends in hours]
        ways.append(and_(or_(usual, day.in_(days.numbers)), or_(false(), *within)))
    return not_(or_(false(), *ways))


def _offset(at: Any, zone: ZoneInfo, start: dt.datetime, end: dt.datetime) -> Any:
    """Return by how many seconds the zone's clock is ahead at a time of the period."""
    offsets = list(clock.offsets(zone, start, end))
    before = [(at < until, seconds) for until, seconds in offsets[:-1]]
    return case(*before, else_=offsets[-1][1]) if before else offsets[-1][1]


def _special(calendar: Calendar, first: dt.date, last: dt.date) -> set[dt.date]:
    """Return the days of a period that are special, or come after a special night."""
    days = {
        day
        for one in calendar.special
        if one.last >= first - _DAY and one.first <= last
        for day in one.keys
    }
    return {day for day in days | {day + _DAY for day in days} if first <= day <= last}


def _alike(calendar: Calendar, special: set[dt.date]) -> dict[Open, _Days]:
    found: dict[Open, _Days] = defaultdict(_Days)
    for weekday in range(7):
        nights = calendar.week[weekday - 1]
        found[_open(calendar.week[weekday], nights)].weekdays.append(weekday)
    for day in sorted(special):
        hours = _open(calendar.day(day).hours, calendar.day(day - _DAY).hours)
        found[hours].numbers.append(_number(day))
    return found


def _open(today: Sequence[Any], yesterday: Sequence[Any]) -> Open:
    hours = [(one.start, min(one.end, DAY_MIN)) for one in today]
    hours += [(0, one.end - DAY_MIN) for one in yesterday if one.over_midnight]
    return tuple(sorted(hours))


def _number(day: dt.date) -> int:
    """Count a day from 1970 on."""
    return (day - _1970).days


_queue, _schedule = looked_up(Queue, "queue_of_hours"), looked_up(Schedule, "schedule_of_hours")
_HOURS = (
    select(_schedule.name)
    .where(
        _queue.company_id == Visit.company_id,
        _queue.id == Visit.queue_id,
        _schedule.company_id == _queue.company_id,
        _schedule.id == _queue.schedule_id,
    )
    .scalar_subquery()
)

CALLS = Measure(
    "after_hours",
    _l("Calls after hours"),
    _l("Calls that entered a queue outside of its schedule; queues without one do not count."),
    (Sum("after_hours"),),
    better=-1,
)

COLUMNS = (
    Column("time", _l("Time"), Visit.started_at, "moment"),
    Column("number", _l("Number"), Visit.number, "phone"),
    Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
    Column("queue", _l("Queue"), dimensions.name_of(Queue, Visit.queue_id)),
    Column("schedule", _l("Schedule"), _HOURS),
    *(one for one in visits.COLUMNS if one.name in ("wait", "talk", "result")),
)

FACT = replace(
    visits.FACT,
    name="after_hours",
    rollups=(),
    columns=COLUMNS,
    filters=tuple(one for one in visits.FILTERS if one.name != "dialer"),
    where=(Visit.kind == "queue",),
    during=after_hours,
    source=_l(
        "Calls come from the logs of your telephone system. Only queues that have a schedule are"
        " counted: give them one in their settings."
    ),
)
