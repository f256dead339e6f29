"""What operators did from when to when, with N/A for what the viewer may not see of it.

Stretches that differ only in their projects, or follow a change of these, are one: see the rules
of :mod:`portal.statuses.models`. What is between the stretches that one sees is N/A, as one
stretch, as long as the operator was online.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, false, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from portal.members.models import User
from portal.reports import clock, dimensions
from portal.reports.facts.times import SOURCE, STATUSES
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum
from portal.statuses.models import TALK, OperatorStatus, Presence
from portal.statuses.queries import NOT_TOLD
from portal.wall.criteria import looked_up

_BEFORE, _LATER = looked_up(OperatorStatus, "status_before"), looked_up(OperatorStatus, "later")
_AFTER, _NEXT = looked_up(OperatorStatus, "status_after"), looked_up(OperatorStatus, "next_seen")
_ONLINE = aliased(Presence, name="online")


def _of_agent(one: Any, other: Any) -> Any:
    return and_(one.company_id == other.company_id, one.agent_id == other.agent_id)


def _what(one: Any) -> Any:
    return one.status + ":" + one.reason


def _neighbour(column: Any, one: Any, other: Any, *, before: bool = False) -> Any:
    """Return what stands in the row of the same operator before or after ``other``."""
    at = one.starts_at
    query = select(column).where(
        _of_agent(one, other), at < other.starts_at if before else at > other.starts_at
    )
    return query.order_by(at.desc() if before else at).limit(1).scalar_subquery()


# A new talk never goes on from the last one.
_GONE_ON = and_(
    OperatorStatus.status != TALK,
    _neighbour(_BEFORE.ends_at, _BEFORE, OperatorStatus, before=True) == OperatorStatus.starts_at,
    _neighbour(_what(_BEFORE), _BEFORE, OperatorStatus, before=True) == _what(OperatorStatus),
)
_GOES_ON = and_(
    _LATER.status != TALK,
    _neighbour(_AFTER.starts_at, _AFTER, _LATER) == _LATER.ends_at,
    _neighbour(_what(_AFTER), _AFTER, _LATER) == _what(_LATER),
)
_END = (
    select(_LATER.ends_at)
    .where(
        _of_agent(_LATER, OperatorStatus),
        _LATER.starts_at >= OperatorStatus.starts_at,
        func.coalesce(_GOES_ON, false()).is_(False),
    )
    .order_by(_LATER.starts_at)
    .limit(1)
    .scalar_subquery()
)
_STRETCHES = select(
    OperatorStatus.company_id, OperatorStatus.id, OperatorStatus.operator_id,
    OperatorStatus.agent_raw, OperatorStatus.status,
    func.nullif(OperatorStatus.reason, "").label("reason"), OperatorStatus.starts_at,
    _END.label("ends_at"),
).where(
    func.coalesce(_GONE_ON, false()).is_(False), OperatorStatus.starts_at < OperatorStatus.ends_at
)  # fmt: skip


def _until_seen(row: Any, since: Any, end: Any) -> Any:
    """Return when the next stretch that one sees begins, or else the presence ends."""
    found = (
        select(func.min(_NEXT.starts_at))
        .where(_of_agent(_NEXT, row), _NEXT.starts_at >= since, _NEXT.ends_at > since)
        .scalar_subquery()
    )
    return case((or_(found.is_(None), found > end), end), else_=found)


def _not_told(row: Any, since: Any, end: Any) -> Any:
    """Query what is N/A from ``since`` on."""
    until = _until_seen(row, since, end)
    return select(
        row.company_id, row.id, row.operator_id, null(), literal(NOT_TOLD), null(), since, until
    ).where(row.operator_id.is_not(None), end.is_not(None), until > since)


_ONLINE_UNTIL = (
    select(_ONLINE.ends_at)
    .where(_of_agent(_ONLINE, OperatorStatus), _ONLINE.starts_at <= OperatorStatus.ends_at)
    .order_by(_ONLINE.starts_at.desc())
    .limit(1)
    .scalar_subquery()
)
_ROWS: Any = union_all(
    _STRETCHES,
    _not_told(OperatorStatus, OperatorStatus.ends_at, _ONLINE_UNTIL),
    _not_told(Presence, Presence.starts_at, Presence.ends_at),
).subquery("journal")
ROW = _ROWS.c
_TOLD = ROW.status != NOT_TOLD
_LENGTH_S = clock.Slot(ROW.ends_at, 1) - clock.Slot(ROW.starts_at, 1)

STRETCHES = Sum("stretches", _TOLD)
TOTAL = Sum("total", of=_LENGTH_S)
LONGEST = Sum("longest", _TOLD, _LENGTH_S, how="max")

BY_OPERATOR = dimensions.by_operator(ROW.operator_id)
BY_GROUP = dimensions.by_group(ROW.operator_id)
BY_STATUS = Dimension("status", _l("Status"), ROW.status, words=STATUSES)

MEASURES = (
    Measure(
        "stretches",
        _l("Stretches"),
        _l("How often a status began or went on after a call; N/A is not counted."),
        (STRETCHES,),
    ),
    Measure(
        "total",
        _l("Total"),
        _l("Length of the stretches that began in the period, N/A included."),
        (TOTAL,),
        unit="duration",
    ),
    Measure(
        "longest",
        _l("Longest"),
        _l("The longest stretch of your projects that began in the period."),
        (LONGEST,),
        unit="duration",
    ),
)

FACT = Fact(
    name="journal",
    model=_ROWS,
    at=ROW.starts_at,
    columns=(
        Column(
            "operator",
            _l("Operator"),
            func.coalesce(dimensions.name_of(User, ROW.operator_id), ROW.agent_raw),
            "person",
        ),
        Column("status", _l("Status"), ROW.status, words=STATUSES),
        Column("reason", _l("Reason"), ROW.reason),
        Column("from", _l("From"), ROW.starts_at, "moment"),
        Column("to", _l("To"), ROW.ends_at, "moment"),
        Column("length", _l("Length"), _LENGTH_S, "duration"),
    ),
    filters=(
        dimensions.of_groups(ROW.operator_id),
        dimensions.of_operators(ROW.operator_id),
        Filter("status", _l("Status"), ROW.status, words=STATUSES),
    ),
    source=SOURCE,
)
