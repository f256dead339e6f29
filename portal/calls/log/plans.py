"""How the newest visits are found. The plan is chosen here, never left to the planner.

Measured at ten million calls: every plan that a planner chooses is fast for most viewers and takes
seconds for the others, who are in one tiny old project or in sixty that have ended. So:

* who sees everything reads the company's visits in order of time;
* others read a *budget* first: the stretch of time that holds the company's newest 2,000 visits;
* if fewer than a page of it is theirs, the *threshold*: the newest visit of each of their lanes
  (projects, or the chosen queues, dialers or operators), one probe of an index each; the page
  cannot reach below the 50th newest of these, so only the lanes above it are read, keys only.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, and_, cast, func, literal, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from portal.calls.log.filters import Filters
from portal.calls.models import Visit
from portal.extensions import db
from portal.projects.models import Project
from portal.wall.scope import current, unscoped

PAGE = 50
BUDGET = 2000
# From so many digits on, the index of numbers finds less than any other.
SELECTIVE_DIGITS = 5
Key = tuple[dt.datetime, uuid.UUID]
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Lane:
    """A column whose values split the visits, each with an index of its own by time."""

    column: str
    index: str
    ids: tuple[uuid.UUID, ...] | None


def newest(filters: Filters, before: Key | None, limit: int = PAGE) -> list[Key]:
    """Return the keys of the newest ``limit`` visits that match, older than ``before``."""
    lane = _lane(filters)
    if db.session.get_bind().dialect.name == "sqlite":
        return _sqlite(filters, before, limit, lane)
    if len(filters.digits) >= SELECTIVE_DIGITS or (lane.ids is None and current().sees_all):
        return _ordered(filters, before, limit, None)
    if lane.ids is None and (floor := _budget(filters, before)) is not None:
        found = _ordered(filters, before, limit, floor)
        if len(found) == limit:
            return found
    return _threshold(filters, before, limit, lane)


def matching(query: Query, filters: Filters, visit: Any = Visit) -> Query:
    """Restrict a query over visits to what the filters ask for."""
    query = query.where(
        visit.started_at >= filters.period.start, visit.started_at < filters.period.end
    )
    for column, ids in (
        (visit.project_id, filters.project_ids),
        (visit.queue_id, filters.queue_ids),
        (visit.dialer_id, filters.dialer_ids),
        (visit.operator_id, filters.operator_ids),
        (visit.result, filters.results),
    ):
        if ids:
            query = query.where(column.in_(ids) if len(ids) > 1 else column == ids[0])
    if filters.direction:
        query = query.where(visit.direction == filters.direction)
    return query.where(_number(filters, visit)) if filters.digits else query


def _number(filters: Filters, visit: Any) -> Any:
    """Match the beginning or the end of a number: ranges, because LIKE uses no index here."""
    digits = filters.digits
    if filters.whole_number:
        return visit.digits == digits
    return or_(_begins(visit.digits, digits), _begins(visit.digits_reversed, digits[::-1]))


def _begins(column: Any, digits: str) -> Any:
    """Tell that ``column`` begins with ``digits``; ':' is the character behind '9'."""
    return (
        and_(column.op("~>=~")(digits), column.op("~<~")(digits + ":"))
        if _postgresql()
        else (and_(column >= digits, column < digits + ":"))
    )


def _postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def _lane(filters: Filters) -> Lane:
    """Choose what the visits are read by: the most selective of what is chosen."""
    for column, ids in (
        ("operator", filters.operator_ids),
        ("queue", filters.queue_ids),
        ("dialer", filters.dialer_ids),
        ("project", filters.project_ids),
    ):
        if ids:
            return Lane(f"{column}_id", f"ix_visits_{column}", ids)
    return Lane("project_id", "ix_visits_project", None)


def _older(query: Query, before: Key | None, visit: Any = Visit) -> Query:
    if before is None:
        return query
    return query.where(tuple_(visit.started_at, visit.id) < tuple_(*map(literal, before)))


def _by_time(query: Query, limit: int, visit: Any = Visit) -> Query:
    return query.order_by(visit.started_at.desc(), visit.id.desc()).limit(limit)


def _ordered(
    filters: Filters, before: Key | None, limit: int, floor: dt.datetime | None
) -> list[Key]:
    """Read in order of time, down to ``floor``."""
    query = _older(matching(select(Visit.started_at, Visit.id), filters), before)
    if floor is not None:
        query = query.where(Visit.started_at >= floor)
    return [tuple(row) for row in db.session.execute(_by_time(query, limit))]


def _budget(filters: Filters, before: Key | None) -> dt.datetime | None:
    """Return down to when the company's newest visits fill the budget; None: they never do."""
    top = min(filters.period.end, before[0]) if before else filters.period.end
    query = select(Visit.started_at).where(
        Visit.company_id == current().company_id,
        Visit.started_at < top,
        Visit.started_at >= filters.period.start,
    )
    with unscoped("only a time: how far back a scan of everybody's visits is worth its while"):
        return db.session.scalar(query.order_by(Visit.started_at.desc()).offset(BUDGET).limit(1))


def _lane_values(lane: Lane) -> Any:
    """Return the lanes as rows: those chosen, else the projects that the viewer sees."""
    if lane.ids is None:
        return select(Project.id.label("lane")).cte("lanes")
    return select(func.unnest(cast(list(lane.ids), ARRAY(Uuid))).label("lane")).cte("lanes")


def _threshold(filters: Filters, before: Key | None, limit: int, lane: Lane) -> list[Key]:
    """Probe the newest visit of each lane, and read on only those that can reach the page."""
    probe, inner = aliased(Visit), aliased(Visit)
    lanes = _lane_values(lane)
    first = _by_time(
        _older(
            matching(select(probe.started_at), filters, probe).where(
                getattr(probe, lane.column) == lanes.c.lane
            ),
            before,
            probe,
        ),
        1,
        probe,
    ).lateral("first")
    tops = select(lanes.c.lane, first.c.started_at.label("top")).join(first, true()).cte("tops")
    floor = (
        select(tops.c.top).order_by(tops.c.top.desc()).offset(limit - 1).limit(1).scalar_subquery()
    )
    bottom = func.coalesce(floor, filters.period.start)
    keys = _by_time(
        _older(
            matching(select(inner.started_at, inner.id), filters, inner).where(
                getattr(inner, lane.column) == tops.c.lane, inner.started_at >= bottom
            ),
            before,
            inner,
        ),
        limit,
        inner,
    ).lateral("keys")
    query = select(keys.c.started_at, keys.c.id).select_from(tops).join(keys, true())
    query = query.where(tops.c.top >= bottom)
    query = query.order_by(keys.c.started_at.desc(), keys.c.id.desc()).limit(limit)
    return [tuple(row) for row in db.session.execute(query)]


def _sqlite(filters: Filters, before: Key | None, limit: int, lane: Lane) -> list[Key]:
    """SQLite stops early by itself, if it is told by which index."""
    query = _older(matching(select(Visit.started_at, Visit.id), filters), before)
    if len(filters.digits) < SELECTIVE_DIGITS:
        everything = lane.ids is None and current().sees_all
        index = "ix_visits_started" if everything else lane.index
        query = query.with_hint(Visit, f"INDEXED BY {index}", "sqlite")
    return [tuple(row) for row in db.session.execute(_by_time(query, limit))]
