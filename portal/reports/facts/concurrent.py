"""How many calls were up at once: counted from all that overlap a time, not that begin in it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, func, literal, select, union_all

from portal import languages
from portal.calls.models import Visit
from portal.database import utcnow
from portal.extensions import db
from portal.periods import Period
from portal.reports import clock, plans, queries
from portal.reports.asked import Asked, Behind
from portal.reports.facts import visits
from portal.reports.keys import Key
from portal.reports.moments import DAY_S, NOW_S
from portal.reports.terms import Dimension, Measure, Sum, Sums
from portal.statuses.models import OperatorStatus
from portal.statuses.queries import in_projects

_QUARTER_S = clock.QUARTER_S
# Nothing is under way for longer, so that no older rows need be looked at.
_LONGEST = dt.timedelta(seconds=DAY_S)
# From one second to another; what has no end yet goes on until now.
_BEGINS, _STOPS = clock.Slot(Visit.started_at, 1), clock.Slot(Visit.ended_at, 1)
_GOES_ON = func.coalesce(_STOPS, NOW_S)
_OVER = case((_GOES_ON > _BEGINS + DAY_S, _BEGINS + DAY_S), else_=_GOES_ON)

# What is behind each is the calls under way, of which there are more than were at once.
PEAK = Sum("peak", how="max")
BUSY = Sum("busy_s")
ONLINE = Sum("online", how="max")
LENGTHS = Sum("lengths", how="values")  # of the quarters, those that are over


def during(start: dt.datetime, end: dt.datetime) -> Any:
    """Return the condition that a visit is under way in a stretch of time."""
    return and_(
        Visit.started_at >= start - _LONGEST,
        Visit.started_at < end,
        int(start.timestamp()) < _OVER,
    )


def _mean(sums: Sums) -> float | None:
    seconds = sum(length * times for length, times in sums[LENGTHS.name].items())
    return sums[BUSY.name] / seconds if seconds else None


AT_ONCE = Measure(
    "peak",
    _l("Most at once"),
    _l("The most calls that waited or talked at the same second; longer than a day none does."),
    (PEAK,),
    value=lambda sums: sums[PEAK.name],
)
MEAN = Measure(
    "average",
    _l("On average"),
    _l("How many calls waited or talked at a time, on average over each second so far."),
    (BUSY, LENGTHS),
    unit="decimal",
    value=_mean,
)
OPERATORS = Measure(
    "online",
    _l("Operators online"),
    _l("The most operators at once that were signed in for these projects, or talked for them."),
    (ONLINE,),
    value=lambda sums: sums[ONLINE.name],
)

FACT = replace(
    visits.FACT,
    name="concurrent",
    rollups=(),
    during=during,
    filters=tuple(
        one for one in visits.FILTERS if one.name in ("project", "queue", "dialer", "direction")
    ),
)


def gather(
    asked: Asked, by: Sequence[Dimension], period: Period, behind: Behind | None = None
) -> queries.Gathered:
    """Return the figures of each quarter of an hour, put together by what is asked for."""
    if behind and behind.keys:
        found = gather(asked, asked.by, period).get(behind.keys)
        return {(): found or queries.combined(asked, ())}
    first, now = int(period.start.timestamp()), int(utcnow().timestamp())
    last = min(int(period.end.timestamp()), now)
    calls = _levels(_of_calls(asked, period, first), first, last)
    operators = _levels(_of_operators(asked, period, first), first, last)
    zone = languages.zone()
    parts: dict[Key, list[Sums]] = {} if by else {(): []}
    for slot in range(first // _QUARTER_S, -(-last // _QUARTER_S)) if calls or operators else ():
        quarter = dt.datetime.fromtimestamp(slot * _QUARTER_S, dt.UTC)
        group = tuple(clock.cut(one.time, quarter, zone) for one in by)
        peak, busy = calls.get(slot, (0, 0))
        online, _ = operators.get(slot, (0, 0))
        length = min(last, (slot + 1) * _QUARTER_S) - max(first, slot * _QUARTER_S)
        figures = (peak, busy, online, Counter({length: 1}))
        names = (one.name for one in (PEAK, BUSY, ONLINE, LENGTHS))
        parts.setdefault(group, []).append(dict(zip(names, figures, strict=True)))
    return {group: queries.combined(asked, quarters) for group, quarters in parts.items()}


def _of_calls(asked: Asked, period: Period, first: int) -> Any:
    ends = [
        plans.restricted(select(at.label("at"), literal(one).label("more")), asked, period, None)
        for at, one in ((_not_before(_BEGINS, first), 1), (_OVER, -1))
    ]
    return union_all(*ends).subquery()


def _of_operators(asked: Asked, period: Period, first: int) -> Any:
    """The statuses of an operator never overlap: as many as there are, are online."""
    begins, ends = (
        clock.Slot(column, 1) for column in (OperatorStatus.starts_at, OperatorStatus.ends_at)
    )
    both = [
        select(at.label("at"), literal(one).label("more"))
        .select_from(OperatorStatus)
        .where(
            OperatorStatus.starts_at < period.end,
            OperatorStatus.ends_at > period.start,
            in_projects(OperatorStatus, asked.chosen.get("project", ())),
        )
        for at, one in ((_not_before(begins, first), 1), (ends, -1))
    ]
    return union_all(*both).subquery()


def _not_before(at: Any, first: int) -> Any:
    return case((at < first, first), else_=at)


def _levels(steps: Any, first: int, last: int) -> dict[int, tuple[int, int]]:
    """Return the most at once and the seconds of all together, of each quarter of an hour.

    ``steps`` go up or down by one, at some second. Who ends in the second in which somebody begins
    is not there at once with them.
    """
    level = func.sum(steps.c.more).over(order_by=(steps.c.at, steps.c.more)).label("level")
    run = select(steps.c.at, steps.c.more, level).where(steps.c.at < last).subquery()
    slot = run.c.at // _QUARTER_S
    rest = run.c.more * (_QUARTER_S - run.c.at % _QUARTER_S)
    query = select(slot, func.max(run.c.level), func.sum(run.c.more), func.sum(rest))
    steps_of = {row[0]: row[1:] for row in db.session.execute(query.group_by(slot))}
    found, now = {}, 0
    for number in range(first // _QUARTER_S, -(-last // _QUARTER_S)) if steps_of else ():
        highest, more, busy = steps_of.get(number, (0, 0, 0))
        over = max(
            0, (number + 1) * _QUARTER_S - last
        )  # of a quarter that goes on, what is to come
        found[number] = (max(now, highest), now * _QUARTER_S + int(busy) - over * (now + int(more)))
        now += int(more)
    return found
