"""How the newest visits are found. The plan is chosen here, never left to the planner.

Measured at ten million calls: every plan that a planner chooses is fast for most viewers and takes
seconds for the others, who are in one tiny old project or in sixty that have ended. So:

* visits of the whole company, or of one lane (a project, or a chosen queue, dialer or operator),
  are read in order of time, each by an index of its own;
* of several lanes the newest visit of each is looked up, one probe of an index each; a page cannot
  reach below the 50th newest of these, the *threshold*, so only the lanes above it are read on;
* keys only, until the page is known; then its rows (see ``queries``), in the same statement.

To scan the company's newest visits first and keep one's own, as a *budget*, is quicker for who sees
nearly everything, and slower for all others by the statements that it takes more.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, and_, cast, func, literal, or_, select, true, tuple_

from portal.calls.log.filters import Filters
from portal.calls.models import Visit
from portal.extensions import db
from portal.wall.criteria import PROJECTS, looked_up
from portal.wall.scope import current

PAGE = 50
# From so many digits on, the index of numbers finds less than any other.
SELECTIVE_DIGITS = 5
Key = tuple[dt.datetime, uuid.UUID]
Query = Select[*tuple[Any, ...]]
_PROBE, _SEEN = looked_up(Visit, "probe"), looked_up(Visit, "seen")


@dataclass(frozen=True)
class Lanes:
    """Values of a column that split the visits, each with an index of its own by time.

    Without ``ids``: the projects of the viewer.
    """

    column: str
    ids: tuple[uuid.UUID, ...] | None = None

    @property
    def index(self) -> str:
        return f"ix_visits_{self.column.removesuffix('_id')}"

    @property
    def values(self) -> tuple[uuid.UUID, ...]:
        return current().project_ids if self.ids is None else self.ids


def newest(filters: Filters, before: Key | None, limit: int) -> Query:
    """Query the ids of the newest ``limit`` visits that match, older than ``before``."""
    lanes = _lanes(filters)
    if not _postgresql():
        return _by_index(filters, before, limit, lanes)
    if lanes is None or len(filters.digits) >= SELECTIVE_DIGITS:
        return _in_order(filters, before, limit)
    if len(lanes.values) == 1:
        only = getattr(Visit, lanes.column) == lanes.values[0]
        return _in_order(filters, before, limit).where(only)
    return _above_threshold(filters, before, limit, lanes)


def matching(query: Query, filters: Filters, visit: Any = Visit, *, but: str = "") -> Query:
    """Restrict a query over visits to what the filters ask for, leaving out one column."""
    query = query.where(
        visit.started_at >= filters.period.start, visit.started_at < filters.period.end
    )
    for column, ids in (
        ("project_id", filters.project_ids),
        ("operator_id", filters.operator_ids),
        ("result", filters.results),
    ):
        if ids and column != but:
            named = getattr(visit, column)
            query = query.where(_one_of(named, ids))
    if but not in ("queue_id", "dialer_id"):
        query = query.where(*by_way(filters, visit))
    if filters.direction:
        query = query.where(visit.direction == filters.direction)
    return query.where(_number(filters, visit)) if filters.digits else query


def by_way(filters: Filters, table: Any) -> list[Any]:
    """Return the condition that a row is of a chosen queue or dialer, if any is chosen."""
    ways = [
        _one_of(column, ids)
        for column, ids in (
            (table.queue_id, filters.queue_ids),
            (table.dialer_id, filters.dialer_ids),
        )
        if ids
    ]
    return [or_(*ways)] if ways else []


def _one_of(column: Any, values: Sequence[Any]) -> Any:
    return column.in_(values) if len(values) > 1 else column == values[0]


def parts(filters: Filters) -> list[Filters]:
    """Split what no single index gives in order: the visits of some queues or some dialers."""
    if filters.operator_ids or not (filters.queue_ids and filters.dialer_ids):
        return [filters]
    return [replace(filters, dialer_ids=()), replace(filters, queue_ids=())]


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


def _lanes(filters: Filters) -> Lanes | None:
    """Choose what the visits are read by: the most selective of what is chosen."""
    for name in ("operator", "queue", "dialer", "project"):
        if ids := getattr(filters, f"{name}_ids"):
            return Lanes(f"{name}_id", ids)
    return None if current().sees_all else Lanes("project_id")


def _older(query: Query, before: Key | None, visit: Any = Visit) -> Query:
    if before is None:
        return query
    key = tuple_(visit.started_at, visit.id)
    # The first condition follows from the second; SQLite finds its place by the first only.
    return query.where(visit.started_at <= before[0], key < tuple_(*map(literal, before)))


def _by_time(query: Query, limit: int, visit: Any = Visit) -> Query:
    return query.order_by(visit.started_at.desc(), visit.id.desc()).limit(limit)


def _in_order(filters: Filters, before: Key | None, limit: int) -> Query:
    return _by_time(_older(matching(select(Visit.id), filters), before), limit)


def _by_index(filters: Filters, before: Key | None, limit: int, lanes: Lanes | None) -> Query:
    """SQLite stops early by itself, if it is told by which index."""
    query = _in_order(filters, before, limit)
    if len(filters.digits) >= SELECTIVE_DIGITS:
        return query
    index = lanes.index if lanes else "ix_visits_started"
    return query.with_hint(Visit, f"INDEXED BY {index}", "sqlite")


def _above_threshold(filters: Filters, before: Key | None, limit: int, lanes: Lanes) -> Query:
    """Probe the newest visit of each lane, and read on only those that can reach the page."""

    def of_lane(what: Any, one: Any, lane: Any, most: int) -> Query:
        query = matching(select(*what), filters, one, but=lanes.column)
        query = query.where(getattr(one, lanes.column) == lane)
        return _by_time(_older(query, before, one), most, one)

    ids = PROJECTS if lanes.ids is None else list(lanes.ids)
    lane = select(func.unnest(cast(ids, ARRAY(Uuid))).label("id")).subquery("lane")
    first = of_lane([_PROBE.started_at], _PROBE, lane.c.id, 1).lateral("first")
    tops = select(lane.c.id, first.c.started_at.label("top")).join(first, true()).cte("tops")
    last = select(tops.c.top).order_by(tops.c.top.desc()).offset(limit - 1).limit(1)
    # A table of one row, kept apart by its limit: behind a policy no index is searched by the
    # result of a subquery.
    at = func.coalesce(last.scalar_subquery(), filters.period.start).label("at")
    threshold = select(at).limit(1).subquery("threshold")
    page = of_lane([_SEEN.started_at, _SEEN.id], _SEEN, tops.c.id, limit)
    keys = page.where(_SEEN.started_at >= threshold.c.at).lateral("keys")
    return (
        select(keys.c.id)
        .select_from(tops)
        .join(threshold, tops.c.top >= threshold.c.at)
        .join(keys, true())
        .order_by(keys.c.started_at.desc(), keys.c.id.desc())
        .limit(limit)
    )
