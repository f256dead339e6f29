"""Operators' time by days of the company's zone, with N/A for what the viewer may not see.

What is N/A is told apart in one place, from what one sees of the same day: so that all statuses
and N/A are the time online by construction, whoever looks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Uuid, and_, cast, func, literal, null, select, union_all

from portal.filters import show_date
from portal.members.models import User
from portal.projects.models import Project
from portal.reports import clock, dimensions, moments
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, part, share
from portal.statuses.models import (
    AFTER_CALL,
    AWAY,
    READY,
    TALK,
    PresenceDay,
    ProjectSet,
    StatusDay,
)
from portal.statuses.queries import NOT_TOLD
from portal.wall.criteria import looked_up

STATUSES = {
    READY: _l("Ready"),
    TALK: _l("Talk"),
    AFTER_CALL: _l("After-call work"),
    AWAY: _l("Away"),
    NOT_TOLD: _l("N/A"),
}
SOURCE = _l(
    "Who was online, ready and away stands in the queue log of your telephone system: import it,"
    " or let it send it, and say whose its names are."
)
# Rows that differ only in their projects have one id: they are listed as one.
_STATUSES = select(
    StatusDay.company_id,
    func.first_value(StatusDay.id, type_=Uuid()).over(
        partition_by=(
            StatusDay.company_id, StatusDay.agent_id, StatusDay.operator_id, StatusDay.starts_at,
            StatusDay.status, StatusDay.reason,
        ),
        order_by=StatusDay.id,
    ).label("id"),
    StatusDay.operator_id, StatusDay.project_set_id, StatusDay.starts_at, StatusDay.status,
    func.nullif(StatusDay.reason, "").label("reason"), StatusDay.seconds,
    StatusDay.count.label("times"), StatusDay.longest,
    literal(0, BigInteger()).label("first_s"), literal(0, BigInteger()).label("last_s"),
)  # fmt: skip
_SEEN = looked_up(StatusDay, "status_days_seen")
_SEEN_S = func.coalesce(
    select(func.sum(_SEEN.seconds))
    .where(
        _SEEN.company_id == PresenceDay.company_id,
        _SEEN.agent_id == PresenceDay.agent_id,
        _SEEN.starts_at == PresenceDay.starts_at,
    )
    .scalar_subquery(),
    0,
)
_PRESENCES = select(
    PresenceDay.company_id, PresenceDay.id, PresenceDay.operator_id, cast(null(), Uuid),
    PresenceDay.starts_at, literal(NOT_TOLD), null(), PresenceDay.seconds - _SEEN_S,
    literal(0), literal(0), clock.Slot(PresenceDay.first_at, 1), clock.Slot(PresenceDay.last_at, 1),
).where(PresenceDay.operator_id.is_not(None))  # fmt: skip
_ROWS: Any = union_all(_STATUSES, _PRESENCES).subquery("times")
ROW = _ROWS.c
_ANY = ROW.seconds > 0


def _of_status(name: str, *statuses: str) -> Sum:
    return Sum(name, and_(ROW.status.in_(statuses), _ANY), ROW.seconds)


ONLINE = Sum("seconds", _ANY, ROW.seconds)
TOLD = Sum("told_s", ROW.status != NOT_TOLD, ROW.seconds)
TIMES = Sum("times", ROW.times > 0, ROW.times)
LONGEST = Sum("longest", ROW.longest > 0, ROW.longest, how="max")
CALLS = Sum("calls", and_(ROW.status == TALK, ROW.times > 0), ROW.times)
OF = {status: _of_status(f"{status}_s".replace("/", ""), status) for status in STATUSES}
WORK = _of_status("work_s", TALK, AFTER_CALL)
STANDING_BY = _of_status("standing_by_s", TALK, AFTER_CALL, READY)
LAST = Sum("last", ROW.last_s > 0, ROW.last_s, how="max")
# The first is the last of a clock that runs backwards.
FIRST = Sum("first", ROW.first_s > 0, clock.END_S - ROW.first_s, how="max")


def spent(status: str, definition: Any) -> Measure:
    """Return the time in one status."""
    return Measure(
        OF[status].name.removesuffix("_s"),
        STATUSES[status],
        definition,
        (OF[status],),
        unit="duration",
    )


TOTAL = Measure(
    "total",
    _l("Total"),
    _l("Time in the status, to the second; all statuses and N/A are the time online."),
    (ONLINE,),
    unit="duration",
)
SHARE = Measure(
    "share",
    _l("Share"),
    _l("Time in the status as a share of all time in the same first group."),
    (ONLINE,),
    unit="percent",
    value=part(ONLINE),
    whole=ONLINE,
)
COUNT = Measure(
    "count",
    _l("Times"),
    _l("How often it began; what goes on after a call or after midnight counts once."),
    (TIMES,),
    value=lambda sums: sums[TIMES.name],
)
AVERAGE = Measure(
    "average",
    _l("Average"),
    _l("Time in the status by how often it began; of N/A it is not told how often."),
    (TOLD, TIMES),
    unit="duration",
    value=share(TOLD, TIMES),
)
LONGEST_ONE = Measure(
    "longest",
    _l("Longest"),
    _l("The longest at one go, of one day; a call in between ends it."),
    (LONGEST,),
    unit="duration",
)
STARTED = Measure(
    "start",
    _l("Online since"),
    _l("When they were first online in the period."),
    (FIRST,),
    unit="moment",
    value=lambda sums: clock.END_S - sums[FIRST.name] if sums[FIRST.name] else None,
    behind=ONLINE,
)
ENDED = Measure(
    "end",
    _l("Online until"),
    _l("When they were last online in the period."),
    (LAST,),
    unit="moment",
    value=lambda sums: sums[LAST.name] or None,
    behind=ONLINE,
)
WHOLE = Measure(
    "online",
    _l("Online"),
    _l("Time as a member of a queue, signed in, or talking, whatever it was for."),
    (ONLINE,),
    unit="duration",
)
IN_READY = spent(READY, _l("Time in which they waited for a call of your projects."))
IN_TALK = spent(TALK, _l("Time in which they talked, in calls of your projects."))
IN_AFTER_CALL = spent(
    AFTER_CALL, _l("Pauses whose reason says that they are for what is left to do after a call.")
)
IN_AWAY = spent(AWAY, _l("Pauses with any other reason, or with none."))
IN_OTHERS = spent(
    NOT_TOLD, _l("Time online that was not for your projects: that they worked, not where.")
)
ANSWERED = Measure(
    "calls",
    _l("Calls"),
    _l("Talks that began, in and out."),
    (CALLS,),
    value=lambda sums: sums[CALLS.name],
)
AHT = Measure(
    "aht",
    _l("AHT"),
    _l("Average handling time: talk and after-call work by calls."),
    (WORK, CALLS),
    unit="duration",
    value=share(WORK, CALLS),
)
OCCUPANCY = Measure(
    "occupancy",
    _l("Occupancy"),
    _l("Talk and after-call work as a share of these and the time ready."),
    (WORK, STANDING_BY),
    unit="percent",
    value=share(WORK, STANDING_BY),
    better=1,
    kpi="occupancy",
)
UTILISATION = Measure(
    "utilisation",
    _l("Utilisation"),
    _l("Talk and after-call work that you see as a share of all time online."),
    (WORK, ONLINE),
    unit="percent",
    value=share(WORK, ONLINE),
    better=1,
)
IDLE = Measure(
    "idle",
    _l("Idle"),
    _l("Time ready, in which no call came."),
    (OF[READY],),
    unit="duration",
    better=-1,
)

BY_STATUS = Dimension("status", _l("Status"), ROW.status, words=STATUSES)
BY_REASON = Dimension("reason", _l("Reason"), ROW.reason, nothing=_l("No reason"))
_LINK = ProjectSet.Link


def by_project(row: Any) -> Dimension:
    """Group by the projects of sets."""
    same = and_(_LINK.company_id == row.company_id, _LINK.object_id == row.project_set_id)
    one = dimensions.by_project(_LINK.project_id)
    return replace(one, join=(_LINK, same), several=True, nothing=_l("N/A"))


def filters_of(row: Any) -> tuple[Filter, ...]:
    return (
        Filter("project", _l("Project"), row.project_set_id, Project, where=in_projects),
        dimensions.of_groups(row.operator_id),
        dimensions.of_operators(row.operator_id),
        Filter("status", _l("Status"), row.status, words=STATUSES),
    )


def _day(moment: dt.datetime) -> str:
    return show_date(moment.astimezone(moments.cut_in()).date())


def in_projects(column: Any, project_ids: Any) -> Any:
    """Return the condition that a set has any of these projects."""
    return column.in_(select(_LINK.object_id).where(_LINK.project_id.in_(project_ids)))


BY_OPERATOR = dimensions.by_operator(ROW.operator_id)
BY_GROUP = dimensions.by_group(ROW.operator_id)
BY_PROJECT = by_project(ROW)

FACT = Fact(
    name="times",
    model=_ROWS,
    at=ROW.starts_at,
    daily=True,
    merged=(ROW.company_id, ROW.operator_id, ROW.status, ROW.reason),
    columns=(
        Column("day", _l("Day"), ROW.starts_at, "day", text=_day),
        Column("operator", _l("Operator"), dimensions.name_of(User, ROW.operator_id), "person"),
        Column("status", _l("Status"), ROW.status, words=STATUSES),
        Column("reason", _l("Reason"), ROW.reason),
        Column("total", _l("Total"), cast(func.sum(ROW.seconds), BigInteger), "duration"),
        Column("count", _l("Times"), cast(func.sum(ROW.times), BigInteger), "count"),
        Column("longest", _l("Longest"), func.max(ROW.longest), "duration"),
    ),
    filters=filters_of(ROW),
    source=SOURCE,
)
