"""The rows of the call log, their totals, and their course over time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, func, select

from portal import periods
from portal.calls.evidence import CallRule
from portal.calls.figures import FIGURES, ProjectDay, ProjectHour, VisitDay, VisitHour
from portal.calls.log import plans
from portal.calls.log.filters import Filters
from portal.calls.log.plans import Key, Shape
from portal.calls.models import Offer, Visit
from portal.company.models import Company
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall.criteria import looked_up
from portal.wall.scope import current

# Beyond the roll-ups it is counted up to here; more is shown as "1,000+".
MOST_COUNTED = 1000
_HOUR = dt.timedelta(hours=1)
_NAMES = ("visits", "answered", "abandoned", "wait_s", "talk_s")
_VISIT = looked_up(Visit, "visit")
_PROJECT, _QUEUE = looked_up(Project, "project"), looked_up(Queue, "queue")
_DIALER, _OPERATOR = looked_up(Dialer, "dialer"), looked_up(User, "operator")
Query = Select[*tuple[Any, ...]]
# When an hour or a day begins, and its figures: those of ``_NAMES``.
Sums = tuple[Any, ...]


@dataclass(frozen=True)
class Figures:
    """Sums over visits; seconds are whole. ``exact`` is False for "1,000+"."""

    visits: int = 0
    answered: int = 0
    abandoned: int = 0
    wait_s: int = 0
    talk_s: int = 0
    exact: bool = True

    @classmethod
    def of(cls, sums: Iterable[int]) -> Figures:
        visits, answered, abandoned, wait_s, talk_s = sums
        return cls(visits, answered, abandoned, wait_s, talk_s)

    @property
    def other(self) -> int:
        return self.visits - self.answered - self.abandoned

    @property
    def mean_wait(self) -> float | None:
        return self.wait_s / self.visits if self.visits else None

    @property
    def mean_talk(self) -> float | None:
        return self.talk_s / self.answered if self.answered else None

    def __add__(self, more: Figures) -> Figures:
        return Figures(
            self.visits + more.visits,
            self.answered + more.answered,
            self.abandoned + more.abandoned,
            self.wait_s + more.wait_s,
            self.talk_s + more.talk_s,
            self.exact and more.exact,
        )


def _name(model: Any, identifier: Any) -> Any:
    """Return the name of what a visit refers to, if the viewer may see it."""
    return (
        select(model.name)
        .where(model.company_id == _VISIT.company_id, model.id == identifier)
        .scalar_subquery()
    )


# The query of a row. A name that one may not see is replaced by the exchange's word. Names are
# subqueries, not joins: to plan five joins behind walls takes longer than to run them.
_ROW = select(
    _VISIT.id,
    _VISIT.call_id,
    _VISIT.started_at,
    _VISIT.direction,
    _VISIT.number,
    _VISIT.caller_name,
    _name(_PROJECT, _VISIT.project_id).label("project"),
    func.coalesce(
        _name(_QUEUE, _VISIT.queue_id), _name(_DIALER, _VISIT.dialer_id), _VISIT.queue_raw
    ).label("queue"),
    func.coalesce(_name(_OPERATOR, _VISIT.operator_id), _VISIT.agent_raw).label("operator"),
    _VISIT.wait_s,
    _VISIT.talk_s,
    _VISIT.result,
)


def page(filters: Filters, before: Key | None, limit: int = plans.PAGE) -> tuple[list[Any], bool]:
    """Return up to ``limit`` rows, newest first, and whether there are more."""
    parts = [_newest(part, before, limit + 1) for part in plans.parts(filters)]
    found = list(merge(*parts, key=lambda row: (row.started_at, row.id), reverse=True))
    return found[:limit], len(found) > limit


def _newest(filters: Filters, before: Key | None, limit: int) -> list[Any]:
    query = _newest_rows(plans.shape(filters, before, limit))
    return list(db.session.execute(query, plans.values(filters, before)))


@lru_cache
def _newest_rows(shape: Shape) -> Query:
    query = _ROW.where(_VISIT.id.in_(plans.newest(shape)))
    return query.order_by(_VISIT.started_at.desc(), _VISIT.id.desc())


def every_row(filters: Filters, size: int = 1000) -> Iterator[Any]:
    """Yield all rows that match, newest first, a thousand at a time: for exports."""
    before: Key | None = None
    more = True
    while more:
        found, more = page(filters, before, size)
        yield from found
        if found:
            before = (found[-1].started_at, found[-1].id)


def of_call(visit: Visit) -> list[Any]:
    """Return the visits of a call that the viewer may see, first to last."""
    query = _ROW.where(_VISIT.call_id == visit.call_id)
    return list(db.session.execute(query.order_by(_VISIT.started_at, _VISIT.ordinal)))


def stamps_of(visit_ids: list[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return what told whose these visits are: the kind of word, and the rule's pattern if any."""
    query = (
        select(Visit.id, Visit.stamped_by, CallRule.pattern)
        .outerjoin(
            CallRule, (CallRule.company_id == Visit.company_id) & (CallRule.id == Visit.rule_id)
        )
        .where(Visit.id.in_(visit_ids), Visit.stamped_by.is_not(None))
    )
    return {row.id: row for row in db.session.execute(query)}


def some(visit_ids: Iterable[uuid.UUID]) -> list[Any]:
    """Return those of these visits that the viewer may see, newest first."""
    query = _ROW.where(_VISIT.id.in_(list(visit_ids)))
    return list(db.session.execute(query.order_by(_VISIT.started_at.desc(), _VISIT.id.desc())))


def of_number(writings: list[str], limit: int) -> list[Any]:
    """Return the newest visits of a number, which exchanges write in several ways."""
    ids = select(Visit.id).where(Visit.digits.in_(writings))
    ids = ids.order_by(Visit.started_at.desc(), Visit.id.desc()).limit(limit)
    return some(db.session.scalars(ids)) if writings else []


def offers_of(visit_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    """Return who was rung during these visits, in order, by visit."""
    found = db.session.execute(
        select(
            Offer.visit_id,
            Offer.at,
            func.coalesce(User.name, Offer.agent_raw).label("operator"),
            Offer.result,
            Offer.ring_ms,
        )
        .outerjoin(User, (User.company_id == Offer.company_id) & (User.id == Offer.operator_id))
        .where(Offer.visit_id.in_(visit_ids))
        .order_by(Offer.visit_id, Offer.ordinal)
    )
    by_visit: dict[uuid.UUID, list[Any]] = {}
    for row in found:
        by_visit.setdefault(row.visit_id, []).append(row)
    return by_visit


def counted(filters: Filters) -> Figures:
    """Count what the roll-ups cannot tell, up to ``MOST_COUNTED``."""
    query = _count(plans.shape(filters, limit=MOST_COUNTED + 1))
    number = db.session.scalar(query, plans.values(filters)) or 0
    return Figures(visits=min(number, MOST_COUNTED), exact=number <= MOST_COUNTED)


@lru_cache
def _count(shape: Shape) -> Query:
    found = plans.matching(select(Visit.id), shape).limit(shape.limit).subquery()
    return select(func.count()).select_from(found)


def by_hour(filters: Filters, cuts: Iterable[dt.datetime]) -> list[Sums]:
    """Return the sums of each UTC hour of the period, for columns that begin at ``cuts``.

    In zones that are not whole hours from UTC the period and its days begin and end within an
    hour: what belongs to the parts of such an hour is counted from the visits.
    """
    period, shape, values = filters.period, plans.shape(filters), plans.values(filters)
    edges = {period.start, period.end, *(c for c in cuts if period.start < c < period.end)}
    parted = {_floor(edge) for edge in edges if edge != _floor(edge)}
    whole = {"start": _ceil(period.start), "end": _floor(period.end)}
    hours = _sums(_totals(_coarsest(shape, "hour"), shape), values | whole)
    found = [sums for sums in hours if sums[0] not in parted]
    marks = {mark for hour in parted for mark in (hour, hour + _HOUR)} | edges
    inside = sorted(mark for mark in marks if period.start <= mark <= period.end)
    for start, end in pairwise(inside):
        if _floor(start) in parted:
            edge = db.session.execute(_edge(shape), values | {"start": start, "end": end}).one()
            found.append((start, *edge))
    return found


def by_day(filters: Filters, cuts: Iterable[dt.datetime], timezone: str) -> list[Sums]:
    """Return the sums of each day of a zone, or of each hour where its days are not kept."""
    if timezone != _kept_timezone():
        return by_hour(filters, cuts)
    shape, values = plans.shape(filters), plans.values(filters)
    return _sums(_totals(_coarsest(shape, "day"), shape), values)


def _kept_timezone() -> str | None:
    company = db.session.get(Company, current().company_id)
    return company.figures_timezone if company else None


def _coarsest(shape: Shape, unit: str) -> Any:
    """Return the smallest roll-up that knows what is asked for, of those that are filled."""
    if shape.asked <= {"project_ids"} and _kept_timezone():
        return ProjectHour if unit == "hour" else ProjectDay
    return VisitHour if unit == "hour" else VisitDay


def _sums(query: Query, values: dict[str, Any]) -> list[Sums]:
    return [tuple(row) for row in db.session.execute(query, values)]


@lru_cache
def _totals(table: Any, shape: Shape) -> Query:
    """Query the sums of each hour or day of a period, over a roll-up."""
    summed = (FIGURES[name].over(getattr(table, name)) for name in _NAMES)
    query = select(table.starts_at, *summed)
    query = query.where(table.starts_at >= periods.START, table.starts_at < periods.END)
    return plans.restricted(query, shape, table).group_by(table.starts_at)


@lru_cache
def _edge(shape: Shape) -> Query:
    """Query the sums of a part of an hour, over the visits."""
    query = select(*(FIGURES[name].total(Visit) for name in _NAMES)).where(
        Visit.started_at >= plans.START, Visit.started_at < plans.END
    )
    return plans.restricted(query, shape, Visit)


def _floor(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def _ceil(moment: dt.datetime) -> dt.datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + _HOUR
