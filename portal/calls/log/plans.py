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

A statement depends on the *shape* of what is asked and not on its values, so it is built once for
each shape: to build it again takes longer than to run it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
)

from portal.calls.log.filters import Filters
from portal.calls.models import Visit
from portal.database import UtcDateTime
from portal.extensions import db
from portal.wall.criteria import looked_up
from portal.wall.elements import PROJECTS
from portal.wall.scope import current

PAGE = 50
# From so many digits on, the index of numbers finds less than any other.
SELECTIVE_DIGITS = 5
Key = tuple[dt.datetime, uuid.UUID]
Query = Select[*tuple[Any, ...]]
_PROBE, _SEEN = looked_up(Visit, "probe"), looked_up(Visit, "seen")

# Columns that split the visits into lanes, each with an index of its own by time; the most
# selective first.
_LANES = ("operator_id", "queue_id", "dialer_id", "project_id")
_COLUMNS = {**{f"{column}s": column for column in _LANES}, "results": "result"}

START = bindparam("start", type_=UtcDateTime())
END = bindparam("end", type_=UtcDateTime())
_BEFORE = (bindparam("before_at", type_=UtcDateTime()), bindparam("before_id", type_=Uuid()))
_CHOSEN = bindparam("lanes", type_=ARRAY(Uuid()))


class Shape(NamedTuple):
    """What a statement depends on, beside the values that it is given when it runs."""

    asked: frozenset[str]  # the filters that restrict anything
    lanes: str | None  # the column whose lanes are read, if not all visits are
    chosen: bool  # the lanes are those of a filter; otherwise the viewer's projects
    several: bool
    selective: bool  # so many digits of a number that little is left
    older: bool  # than a key
    limit: int
    postgresql: bool


def shape(filters: Filters, before: Key | None = None, limit: int = PAGE) -> Shape:
    chosen, lanes = _lanes(filters)
    named = (*_COLUMNS, "direction", "digits", "whole_number")
    return Shape(
        asked=frozenset(name for name in named if getattr(filters, name)),
        lanes=chosen or (None if current().sees_all else "project_id"),
        chosen=chosen is not None,
        several=len(lanes) != 1,
        selective=len(filters.digits) >= SELECTIVE_DIGITS,
        older=before is not None,
        limit=limit,
        postgresql=db.session.get_bind().dialect.name == "postgresql",
    )


def values(filters: Filters, before: Key | None = None) -> dict[str, Any]:
    """Return what a statement of the shape of ``filters`` and ``before`` is to be given."""
    given: dict[str, Any] = {"start": filters.period.start, "end": filters.period.end}
    given |= {name: getattr(filters, name) for name in (*_COLUMNS, "direction")}
    _, given["lanes"] = _lanes(filters)
    given["lane"] = next(iter(given["lanes"]), None)
    for name, digits in (("digits", filters.digits), ("reversed", filters.digits[::-1])):
        given |= {name: digits, f"{name}_end": f"{digits}:"}  # ':' is the character behind '9'
    given["before_at"], given["before_id"] = before or (None, None)
    return given


def _lanes(filters: Filters) -> tuple[str | None, tuple[uuid.UUID, ...]]:
    """Return the column whose lanes a filter names, and these; else the viewer's projects."""
    chosen = next((lane for lane in _LANES if getattr(filters, f"{lane}s")), None)
    return chosen, getattr(filters, f"{chosen}s") if chosen else current().project_ids


def newest(asked: Shape) -> Query:
    """Query the ids of the newest visits that match."""
    if not asked.postgresql:
        return _by_index(asked)
    if asked.lanes is None or asked.selective:
        return _in_order(asked)
    if not asked.several:
        only = getattr(Visit, asked.lanes) == bindparam("lane", type_=Uuid())
        return _in_order(asked).where(only)
    return _above_threshold(asked)


def matching(query: Query, asked: Shape, visit: Any = Visit, *, but: str = "") -> Query:
    """Restrict a query over visits to what the filters ask for, leaving out one column."""
    query = query.where(visit.started_at >= START, visit.started_at < END)
    query = restricted(query, asked, visit, but=but)
    if "operator_ids" in asked.asked and but != "operator_id":
        query = query.where(_chosen("operator_ids", visit))
    return query.where(_number(asked, visit)) if "digits" in asked.asked else query


def restricted(query: Query, asked: Shape, table: Any, *, but: str = "") -> Query:
    """Apply the filters that visits and their totals have in common."""
    ways = [_chosen(name, table) for name in ("queue_ids", "dialer_ids") if name in asked.asked]
    if ways and but not in ("queue_id", "dialer_id"):
        query = query.where(or_(*ways))
    for name in ("project_ids", "results"):
        if name in asked.asked and _COLUMNS[name] != but:
            query = query.where(_chosen(name, table))
    if "direction" in asked.asked:
        query = query.where(table.direction == bindparam("direction"))
    return query


def _chosen(name: str, table: Any) -> Any:
    return getattr(table, _COLUMNS[name]).in_(bindparam(name, expanding=True))


def parts(filters: Filters) -> list[Filters]:
    """Split what no single index gives in order: the visits of some queues or some dialers."""
    if filters.operator_ids or not (filters.queue_ids and filters.dialer_ids):
        return [filters]
    return [replace(filters, dialer_ids=()), replace(filters, queue_ids=())]


def _number(asked: Shape, visit: Any) -> Any:
    """Match the beginning or the end of a number: ranges, because LIKE uses no index here."""
    if "whole_number" in asked.asked:
        return visit.digits == bindparam("digits", literal_execute=True)
    return or_(
        _begins(visit.digits, "digits", asked), _begins(visit.digits_reversed, "reversed", asked)
    )


def _begins(column: Any, name: str, asked: Shape) -> Any:
    # Written into the statement, so that it is planned for them: how much they leave differs most.
    first, end = (
        bindparam(one, type_=String(), literal_execute=True) for one in (name, f"{name}_end")
    )
    if asked.postgresql:
        return and_(column.op("~>=~")(first), column.op("~<~")(end))
    return and_(column >= first, column < end)


def _older(query: Query, asked: Shape, visit: Any = Visit) -> Query:
    if not asked.older:
        return query
    # The first condition follows from the second; SQLite finds its place by the first only.
    key = tuple_(visit.started_at, visit.id)
    return query.where(visit.started_at <= _BEFORE[0], key < tuple_(*_BEFORE))


def _by_time(query: Query, limit: int, visit: Any = Visit) -> Query:
    return query.order_by(visit.started_at.desc(), visit.id.desc()).limit(limit)


def _in_order(asked: Shape) -> Query:
    return _by_time(_older(matching(select(Visit.id), asked), asked), asked.limit)


def _by_index(asked: Shape) -> Query:
    """SQLite stops early by itself, if it is told by which index."""
    query = _in_order(asked)
    if asked.selective:
        return query
    index = asked.lanes.removesuffix("_id") if asked.lanes else "started"
    return query.with_hint(Visit, f"INDEXED BY ix_visits_{index}", "sqlite")


def _above_threshold(asked: Shape) -> Query:
    """Probe the newest visit of each lane, and read on only those that can reach the page."""
    lanes = str(asked.lanes)

    def of_lane(what: Any, one: Any, lane: Any, most: int) -> Query:
        query = matching(select(*what), asked, one, but=lanes)
        return _by_time(_older(query.where(getattr(one, lanes) == lane), asked, one), most, one)

    ids = _CHOSEN if asked.chosen else PROJECTS
    lane = select(func.unnest(cast(ids, ARRAY(Uuid))).label("id")).subquery("lane")
    first = of_lane([_PROBE.started_at], _PROBE, lane.c.id, 1).lateral("first")
    tops = select(lane.c.id, first.c.started_at.label("top")).join(first, true()).cte("tops")
    last = select(tops.c.top).order_by(tops.c.top.desc()).offset(asked.limit - 1).limit(1)
    # A table of one row, kept apart by its limit: behind a policy no index is searched by the
    # result of a subquery.
    at = func.coalesce(last.scalar_subquery(), START).label("at")
    threshold = select(at).limit(1).subquery("threshold")
    page = of_lane([_SEEN.started_at, _SEEN.id], _SEEN, tops.c.id, asked.limit)
    keys = page.where(_SEEN.started_at >= threshold.c.at).lateral("keys")
    return (
        select(keys.c.id)
        .select_from(tops)
        .join(threshold, tops.c.top >= threshold.c.at)
        .join(keys, true())
        .order_by(keys.c.started_at.desc(), keys.c.id.desc())
        .limit(asked.limit)
    )
