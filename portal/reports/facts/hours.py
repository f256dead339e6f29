"""Operators' time by hours: of the stretches themselves, since their totals know only days.

Who is online is told by presences, less what of them is in the statuses that one sees: so that
hours add up to the days of :mod:`.times`, whoever looks.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from portal.extensions import db
from portal.members.models import User
from portal.periods import Period
from portal.reports import clock, dimensions, plans, queries
from portal.reports.asked import Asked, Behind
from portal.reports.facts import times
from portal.reports.keys import Key
from portal.reports.terms import Column, Dimension, Fact, Sum, Sums
from portal.statuses.models import AFTER_CALL, READY, TALK, OperatorStatus, Presence
from portal.statuses.queries import NOT_TOLD

_KNOWN = OperatorStatus.operator_id.in_(select(User.id))
_NOBODY = or_(OperatorStatus.operator_id.is_(None), not_(_KNOWN))
_NOWHERE = cast(null(), Uuid)


def _stretches(row: Any, of: tuple[Any, Any, Any], weight: int, there: Any) -> Any:
    """Query stretches ``of`` a set of projects, a status and a reason.

    Those with a ``weight`` below nothing are taken off. ``there``: it says that they are online.
    """
    return select(
        row.company_id, row.id, row.operator_id, of[0].label("project_set_id"),
        of[1].label("status"), of[2].label("reason"), row.starts_at, row.ends_at,
        literal(weight).label("weight"), case((there, 1), else_=0).label("there"),
    )  # fmt: skip


_TOLD = (
    OperatorStatus.project_set_id,
    OperatorStatus.status,
    func.nullif(OperatorStatus.reason, ""),
)
_REST = _NOWHERE, literal(NOT_TOLD), null()
_ROWS: Any = union_all(
    _stretches(OperatorStatus, _TOLD, 1, _NOBODY),
    _stretches(Presence, _REST, 1, true()).where(Presence.operator_id.is_not(None)),
    _stretches(OperatorStatus, _REST, -1, false()).where(_KNOWN),
).subquery("stretches")
ROW = _ROWS.c
_BEGINS, _ENDS = clock.Slot(ROW.starts_at, 1), clock.Slot(ROW.ends_at, 1)
_WORKING = ROW.status.in_((TALK, AFTER_CALL))

# The sums of the totals of days, by their names there.
_SUMS = {
    times.WORK.name: _WORKING,
    times.STANDING_BY.name: ROW.status.in_((TALK, AFTER_CALL, READY)),
    times.OF[READY].name: ROW.status == READY,
    times.ONLINE.name: ROW.weight.is_not(None),
}
_NO_CHANGE = [0] * (2 * len(_SUMS))
_WORK = Sum("work_rows", _WORKING)
MEASURES = (
    replace(times.OCCUPANCY, behind=_WORK),
    replace(times.UTILISATION, behind=_WORK),
    replace(times.IDLE, behind=Sum("ready_rows", ROW.status == READY)),
    replace(times.WHOLE, behind=Sum("online_rows", ROW.there == 1)),
)
BY_OPERATOR = dimensions.by_operator(ROW.operator_id)
BY_GROUP = dimensions.by_group(ROW.operator_id)
BY_PROJECT = times.by_project(ROW)


def during(start: dt.datetime, end: dt.datetime) -> Any:
    return and_(ROW.starts_at < end, ROW.ends_at > start)


FACT = Fact(
    name="stretches",
    model=_ROWS,
    at=ROW.starts_at,
    daily=True,
    during=during,
    columns=(
        Column("operator", _l("Operator"), dimensions.name_of(User, ROW.operator_id), "person"),
        Column("status", _l("Status"), ROW.status, words=times.STATUSES | {NOT_TOLD: _l("Online")}),
        Column("reason", _l("Reason"), ROW.reason),
        Column("from", _l("From"), ROW.starts_at, "moment"),
        Column("to", _l("To"), ROW.ends_at, "moment"),
        Column("length", _l("Length"), _ENDS - _BEGINS, "duration"),
    ),
    filters=times.filters_of(ROW),
    source=times.SOURCE,
)


def gather(
    asked: Asked, by: Sequence[Dimension], period: Period, behind: Behind | None = None
) -> queries.Gathered:
    """Return the figures of each hour: of what goes on all through it, begins in it or ends."""
    if behind and behind.keys:
        found = gather(asked, asked.by, period).get(behind.keys)
        return {(): found or queries.combined(asked, ())}
    stride = clock.step(period, asked.zone)
    first, last = (int(one.timestamp()) // stride for one in (period.start, period.end))
    parts: dict[Key, list[Sums]] = {} if by else {(): []}
    for others, changes in _changes(asked, by, period, stride).items():
        level = [0] * len(_SUMS)
        for slot in range(first, last):
            change = changes.get(slot, _NO_CHANGE)
            seconds = [one * stride + rest for one, rest in zip(level, change[1::2], strict=True)]
            level = [one + more for one, more in zip(level, change[::2], strict=True)]
            if any(seconds):
                key = _key(by, dt.datetime.fromtimestamp(slot * stride, dt.UTC), others, asked)
                parts.setdefault(key, []).append(dict(zip(_SUMS, seconds, strict=True)))
    return {key: queries.combined(asked, each) for key, each in parts.items()}


def _key(by: Sequence[Dimension], moment: dt.datetime, others: Key, asked: Asked) -> Key:
    rest = iter(others)
    return tuple(clock.cut(one.time, moment, asked.zone) if one.time else next(rest) for one in by)


def _changes(
    asked: Asked, by: Sequence[Dimension], period: Period, stride: int
) -> dict[Key, dict[int, list[int]]]:
    """Return, by the keys that are no time and by slots, how many more there are of each sum.

    And behind each of them, for how many seconds of the slot these are there, all together.
    """
    others = [one for one in by if not one.time]
    first, last = (int(one.timestamp()) for one in (period.start, period.end))
    found: dict[Key, dict[int, list[int]]] = defaultdict(dict)
    for at, sign in ((case((first > _BEGINS, first), else_=_BEGINS), 1), (_ENDS, -1)):
        slots, more = at // stride, sign * ROW.weight
        grouped = [one.key for one in others]
        rest = more * (stride - at % stride)
        sums = [
            func.sum(case((where, one), else_=0))
            for where in _SUMS.values()
            for one in (more, rest)
        ]
        query = select(slots, *grouped, *sums).select_from(_ROWS)
        for one in others:
            if one.join is not None:
                query = query.outerjoin_from(_ROWS, *one.join)
        query = plans.restricted(query.where(at < last), asked, period, None)
        for slot, *row in db.session.execute(query.group_by(slots, *grouped)):
            key, change = tuple(row[: len(others)]), map(int, row[len(others) :])
            before = found[key].get(slot, _NO_CHANGE)
            found[key][slot] = [one + other for one, other in zip(before, change, strict=True)]
    return found
