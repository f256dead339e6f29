"""Whether operators were there when the schedules of their queues say so, by days.

Days are those of the company's zone, as those of all reports on operators' time; what somebody
did that day for projects that the viewer does not see is told as N/A.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict, namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from portal.database import utcnow
from portal.extensions import db
from portal.members.models import GroupUser, User
from portal.objects.kinds.queue import Queue
from portal.periods import Period
from portal.projects.models import Project
from portal.reports import clock, dimensions, queries
from portal.reports.asked import Asked, Behind
from portal.reports.facts import times
from portal.reports.facts.planned import Plan, Span, plans
from portal.reports.keys import Key
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share
from portal.statuses import days
from portal.statuses.models import Presence, PresenceDay, StatusDay

_LONG = dt.timedelta(days=7)  # longer nobody stays online
PLANNED, ACTUAL = Sum("planned_s"), Sum("actual_s")
INSIDE, ELSEWHERE = Sum("inside_s"), Sum("elsewhere_s")
LATE, EARLY = Sum("late_s"), Sum("early_s")


def _time(name: str, label: Any, definition: Any, of: Sum, better: Any = 0) -> Measure:
    return Measure(name, label, definition, (of,), unit="duration", better=better)


MEASURES = (
    _time(
        "planned",
        _l("Planned"),
        _l(
            "Opening hours of the queues that they are staff of, once where these overlap, so far:"
            " by the schedules and the staff of today, since nobody's shifts are known."
        ),
        PLANNED,
    ),
    _time(
        "actual",
        _l("Actual"),
        _l("Time online on days that are planned, at whatever hour and for whomever it was."),
        ACTUAL,
    ),
    _time(
        "na",
        times.STATUSES[times.NOT_TOLD],
        _l("Part of the actual time that was not for your projects: that they worked, not where."),
        ELSEWHERE,
    ),
    _time(
        "late",
        _l("Late"),
        _l("From the planned beginning of a day until they were first online, if they came."),
        LATE,
        -1,
    ),
    _time(
        "early",
        _l("Early"),
        _l("From when they were last online until the planned end of a day, if they came."),
        EARLY,
        -1,
    ),
    Measure(
        "adherence",
        _l("Adherence"),
        _l(
            "Planned time in which they were online as a share of all planned time: of all opening"
            " hours, also where they are there for only a shift of these."
        ),
        (INSIDE, PLANNED),
        unit="percent",
        value=share(INSIDE, PLANNED),
        better=1,
        behind=PLANNED,
    ),
)
BY_OPERATOR = dimensions.by_operator(PresenceDay.operator_id)
BY_GROUP = dimensions.by_group(PresenceDay.operator_id)

FACT = Fact(
    name="adherence",
    model=PresenceDay,
    at=PresenceDay.starts_at,
    daily=True,
    columns=(
        Column("day", _l("Day"), None, "day"),
        Column("operator", _l("Operator"), None, "person"),
        Column("planned_from", _l("Planned from"), None, "moment"),
        Column("planned_to", _l("Planned to"), None, "moment"),
        Column("online_from", times.STARTED.label, None, "moment"),
        Column("online_to", times.ENDED.label, None, "moment"),
        *(Column(one.name, one.label, None, "duration") for one in MEASURES[:-1]),
        Column("adherence", MEASURES[-1].label, None, "percent"),
    ),
    filters=(
        Filter("project", _l("Project"), Queue.project_id, Project),
        Filter("queue", _l("Queue"), Queue.id, Queue),
        dimensions.of_groups(PresenceDay.operator_id),
        dimensions.of_operators(PresenceDay.operator_id),
    ),
    source=_l(
        "Operators are planned by the hours of their queues: give queues a schedule and operators"
        " in their settings. Who was online stands in the queue log of your telephone system:"
        " import it, or let it send it, and say whose its names are."
    ),
)
_Row = namedtuple("_Row", ("id", "at", *(column.name for column in FACT.columns)))  # type: ignore[misc]  # made of names


@dataclass
class _Online:
    """When one operator was online on one day; ``stays``: no end of it was seen yet."""

    spans: list[Span] = field(default_factory=list)
    stays: bool = False


class Day(NamedTuple):
    """One planned day of one operator."""

    id: uuid.UUID  # of the operator
    at: dt.datetime
    planned: list[Span]
    online: list[Span]
    sums: dict[str, Any]


def gather(
    asked: Asked, by: Sequence[Dimension], period: Period, behind: Behind | None = None
) -> queries.Gathered:
    """Return the figures of all planned days, put together by what is asked for."""
    if behind and behind.keys:
        found = gather(asked, asked.by, period).get(behind.keys)
        return {(): found or queries.combined(asked, ())}
    parts: dict[Key, list[dict[str, Any]]] = {} if by else {(): []}
    groups = _groups(by)
    for day in _days(asked, period):
        for key in _keys(day, by, groups, asked.zone):
            parts.setdefault(key, []).append(day.sums)
    return {key: queries.combined(asked, each) for key, each in parts.items()}


def rows(asked: Asked, behind: Behind | None) -> list[Any]:
    """Return the planned days behind a figure, the newest first."""
    found = sorted(_days(asked, asked.period), key=lambda day: (day.at, day.id), reverse=True)
    if behind:
        groups, by = _groups(asked.by), asked.by if behind.keys else ()
        found = [
            day
            for day in found
            if day.sums[behind.measure.rows.name]
            and behind.keys in _keys(day, by, groups, asked.zone)
        ]
    names = queries.names_of(User, {day.id for day in found})
    return [_row(day, names[day.id], asked.zone) for day in found]


def _row(day: Day, name: str, zone: ZoneInfo) -> Any:
    online = (day.online[0][0], day.online[-1][1]) if day.online else (None, None)
    known = (day.at.astimezone(zone).date(), name, day.planned[0][0], day.planned[-1][1], *online)
    return _Row._make((day.id, day.at, *known, *(one.of(day.sums) for one in MEASURES)))


def _groups(by: Sequence[Dimension]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    if any(one.several for one in by):
        for user_id, group_id in db.session.execute(select(GroupUser.user_id, GroupUser.group_id)):
            found[user_id].append(group_id)
    return found


def _keys(
    day: Day, by: Sequence[Dimension], groups: dict[uuid.UUID, list[Any]], zone: ZoneInfo
) -> list[Key]:
    """Return the keys of all groups that a day is counted in."""
    parts = [
        [clock.cut(one.time, day.at, zone)]
        if one.time
        else groups.get(day.id, [None])
        if one.several
        else [day.id]
        for one in by
    ]
    return list(product(*parts))


def _days(asked: Asked, period: Period) -> list[Day]:
    """Return all planned days of a period, made once for a page."""
    made = g.setdefault("adherence", {})
    key = period, tuple(sorted((name, ids) for name, ids in asked.chosen.items()))
    if key not in made:
        made[key] = _made(asked, period)
    return made[key]  # type: ignore[no-any-return]  # Flask's g has no types


def _made(asked: Asked, period: Period) -> list[Day]:
    """Nobody is late while nothing is known of anybody: before and after all that the logs tell."""
    zone = asked.zone
    seen_days: Any = select(func.min(PresenceDay.starts_at), func.max(PresenceDay.starts_at))
    first, last = db.session.execute(seen_days).one()
    if first is None:
        return []
    known = _known(last)
    start, end = max(period.start, first), min(period.end, known, days.after(last, zone))
    planned = plans(asked, start, end, zone) if start < end else {}
    if not planned:
        return []
    online, seen = _online(start, end, zone), _seen(start, end)
    return [
        _day(operator_id, day, plan, online.get((operator_id, day)), seen, known)
        for operator_id, plan in planned.items()
        for day in plan.days
        if plan.until is None or day < plan.until
    ]


def _known(last: dt.datetime) -> dt.datetime:
    """Return until when it is known who was online: now, or where the log ends while some are."""
    query = select(func.max(Presence.ends_at)).where(
        Presence.going_on, Presence.ends_at >= last, Presence.starts_at >= last - _LONG
    )
    return min(utcnow(), db.session.scalar(query) or utcnow())


def _online(
    start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> dict[tuple[uuid.UUID, dt.datetime], _Online]:
    query = select(
        Presence.agent_id, Presence.starts_at, Presence.ends_at, Presence.going_on
    ).where(Presence.operator_id.is_not(None), Presence.starts_at < end, Presence.ends_at > start)
    found: dict[tuple[uuid.UUID, dt.datetime], _Online] = defaultdict(_Online)
    for agent_id, since, until, going_on in db.session.execute(query.order_by(Presence.starts_at)):
        for span, day in days.cut(since, until, zone):
            one = found[agent_id, day]
            one.spans.append(span)
            one.stays = going_on and span[1] == until
    return found


def _seen(start: dt.datetime, end: dt.datetime) -> dict[tuple[uuid.UUID, dt.datetime], int]:
    """Return how many seconds of days were for projects that the viewer sees."""
    key = StatusDay.agent_id, StatusDay.starts_at
    query = select(*key, func.sum(StatusDay.seconds)).group_by(*key)
    query = query.where(StatusDay.starts_at >= start, StatusDay.starts_at < end)
    return {(agent_id, day): int(s) for agent_id, day, s in db.session.execute(query)}


def _day(
    operator_id: uuid.UUID,
    day: dt.datetime,
    plan: Plan,
    online: _Online | None,
    seen: dict[tuple[uuid.UUID, dt.datetime], int],
    known: dt.datetime,
) -> Day:
    planned, there = plan.days[day], online.spans if online else []
    begins, ends = planned[0][0], planned[-1][1]
    actual = _seconds(there)
    sums = {
        PLANNED.name: _seconds(planned),
        ACTUAL.name: actual,
        ELSEWHERE.name: actual - seen.get((operator_id, day), 0) if actual else 0,
        INSIDE.name: _seconds(
            (max(start, since), min(end, until))
            for start, end in planned
            for since, until in there
            if start < until and since < end
        ),
        LATE.name: _seconds([(begins, min(there[0][0], ends))]) if there else 0,
        EARLY.name: 0,
    }
    if online and not online.stays and ends < known:
        sums[EARLY.name] = _seconds([(max(there[-1][1], begins), ends)])
    return Day(operator_id, day, planned, there, sums)


def _seconds(spans: Any) -> int:
    """Return the length of stretches; one that ends before it begins has none."""
    return sum(max(0, int((end - start).total_seconds())) for start, end in spans)
