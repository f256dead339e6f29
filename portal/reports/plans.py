"""The statements behind the figures of a report: over which table, restricted to what is asked.

The coarsest table that knows enough is read: a roll-up by day or by hour, else the raw rows.

As in the call log (see :mod:`portal.calls.log.plans`) a statement depends on the *shape* of what is
asked and not on its values: it is built once for each shape, and its values are bound when it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import BigInteger, ColumnClause, Select, bindparam, case, cast, func, or_, select
from sqlalchemy.orm import QueryableAttribute

from portal.periods import CUSTOM, END, START, Period
from portal.reports import clock, keys
from portal.reports.asked import Asked, Behind
from portal.reports.terms import Dimension, Report, RollUp, Sum
from portal.wall.criteria import looked_up
from portal.wall.session import PLAIN

Query = Select[*tuple[Any, ...]]
# Units of time that a roll-up cannot tell.
_TOO_FINE = {"hour": {"quarter"}, "day": {"hour", "quarter", "hour_of_day"}}
# Stands for every period in the statements that are kept.
_ANY = Period(CUSTOM, dt.date.min, dt.date.max, START, END)  # type: ignore[arg-type]  # parameters


class Shape(NamedTuple):
    """What a statement of sums depends on, beside the values that it is given when it runs."""

    report: Report
    by: tuple[Dimension, ...]
    filters: frozenset[str]  # those that restrict anything
    table: RollUp | None  # None: the raw rows
    stride: int  # see :func:`portal.reports.keys.stride`
    named: Dimension | None  # of what the groups are; their names come along


def shape(
    asked: Asked,
    by: Sequence[Dimension],
    period: Period,
    table: RollUp | None,
    *,
    names: bool = True,
) -> Shape:
    stride = 0 if table else keys.stride(by, period, asked.zone)
    named = _named(tuple(by)) if names else None
    return Shape(asked.report, tuple(by), frozenset(asked.chosen), table, stride, named)


@lru_cache(maxsize=1000)
def _named(by: tuple[Dimension, ...]) -> Dimension | None:
    """Return what is named: the only thing that groups are of, alone or beside a few words.

    Only a plain column: PostgreSQL does not know an expression again in a subquery.
    """
    named = [one for one in by if one.model is not None]
    if len(named) != 1 or not all(one.words for one in by if one.model is None):
        return None
    return named[0] if isinstance(named[0].key, ColumnClause | QueryableAttribute) else None


def values(asked: Asked, period: Period) -> dict[str, Any]:
    """Return what a statement of the shape of what is asked is to be given."""
    return {**asked.chosen, "start": period.start, "end": period.end}


def sums(
    shape: Shape, asked: Asked, period: Period, behind: Behind | None = None, of: Sum | None = None
) -> Query:
    """Query the sums of each group, or how often each value ``of`` one of them occurs."""
    fact = shape.report.fact
    if behind or fact.during or fact.allowed:  # which depend on values
        return restricted(_grouped(shape, of), asked, period, shape.table, behind)
    return _kept(shape, of)


@lru_cache(maxsize=1000)
def _kept(shape: Shape, of: Sum | None) -> Query:
    chosen: dict[str, Any] = {name: bindparam(name, expanding=True) for name in shape.filters}
    asked = Asked(shape.report, _ANY, chosen, shape.by)
    query = restricted(_grouped(shape, of), asked, _ANY, shape.table)
    return query.execution_options(**{PLAIN: True})


@cache
def _name_of_group(model: Any) -> Any:
    return looked_up(model, f"{model.__tablename__}_of_group")


def _grouped(shape: Shape, of: Sum | None) -> Query:
    fact, table = shape.report.fact, shape.table
    grouped = keys.columns(shape.by, fact, table, shape.stride)
    if of is not None:
        what = [of.of, func.count()]
    elif table:
        what = [_combined(getattr(table.columns, one.name), one) for one in shape.report.plain_sums]
    else:
        what = [_counted(one) for one in shape.report.plain_sums]
    if shape.named is not None and of is None:
        one, key = _name_of_group(shape.named.model), grouped[shape.by.index(shape.named)]
        what = [select(one.name).where(one.id == key).scalar_subquery(), *what]
    query = select(*grouped, *what).select_from(table.model if table else fact.model)
    for one in shape.by:
        if one.join is not None:
            query = query.outerjoin_from(fact.model, *one.join)
    if of is not None:
        grouped = [*grouped, of.of]
        query = query if of.where is None else query.where(of.where)
    return query.group_by(*grouped)


def _counted(one: Sum) -> Any:
    """Return the expression of a sum over raw rows."""
    if one.where is None and one.of is None:
        return func.count()
    of = 1 if one.of is None else one.of
    return _combined(case((one.where, of)) if one.where is not None else of, one)


def _combined(column: Any, one: Sum) -> Any:
    return func.max(column) if one.how == "max" else cast(func.sum(column), BigInteger)


def rollup_for(asked: Asked, by: Sequence[Dimension], period: Period) -> RollUp | None:
    """Return the coarsest roll-up that tells all that is asked, or None: the raw rows."""
    company = g.identity.company
    cut = company.figures_timezone
    if cut is None:  # the tables are being filled
        return None
    for table in _telling(asked.report, tuple(by), tuple(asked.chosen)):
        if table.grain == "day":
            fits = cut == asked.zone.key
        else:
            fits = clock.step(period, asked.zone) == clock.HOUR_S
        if fits and table.holds(company):
            return table
    return None


@lru_cache(maxsize=1000)
def _telling(report: Report, by: tuple[Dimension, ...], chosen: tuple[str, ...]) -> list[RollUp]:
    """Return the roll-ups that have all that is asked for, the coarsest first.

    ``chosen``: the names of filters.
    """
    if report.where or any(one.join is not None for one in by):
        return []
    times = {one.time for one in by}
    columns = {one.name for one in report.own_sums}
    columns |= {keys.rolled(one) for one in by if not one.time}
    columns |= {one.key.key for one in report.fact.filters if one.name in chosen}
    return [
        table
        for table in report.fact.rollups
        if times.isdisjoint(_TOO_FINE[table.grain])
        and all(hasattr(table.columns, name) for name in columns)
    ]


def restricted(
    query: Query, asked: Asked, period: Period, table: RollUp | None, behind: Behind | None = None
) -> Query:
    """Restrict a query to what is asked: period, filters, and what is behind one figure."""
    fact = asked.report.fact
    at = table.columns.starts_at if table else fact.at
    if fact.during and not table:
        query = query.where(fact.during(period.start, period.end))
    elif at is not None:
        query = query.where(at >= period.start, at < period.end)
    for one, chosen in asked.filters:
        query = query.where(_chosen(one, chosen, table))
    if table:
        return query
    query = query.select_from(fact.model)
    for joined, on in fact.joins:
        query = query.outerjoin_from(fact.model, joined, on)
    query = query.where(*fact.where, *asked.report.where)
    if fact.allowed:
        query = query.where(fact.allowed())
    if behind:
        for dimension, key in zip(asked.by, behind.keys, strict=False):
            if dimension.join is not None:
                query = query.outerjoin_from(fact.model, *dimension.join)
            query = query.where(_is(dimension, key, asked, period))
        if behind.measure.rows.where is not None:
            query = query.where(behind.measure.rows.where)
    return query


def _chosen(one: Any, chosen: Any, table: RollUp | None) -> Any:
    column = getattr(table.columns, one.key.key) if table else one.key
    return one.where(column, chosen) if one.where else column.in_(chosen)


def _is(dimension: Dimension, key: Any, asked: Asked, period: Period) -> Any:
    """Return the condition that a raw row belongs to the group ``key``."""
    if dimension.time:
        fact = asked.report.fact
        return clock.within(dimension.time, key, period, asked.zone, fact.at, fact.during)
    if key is not None:
        return dimension.key == key
    if dimension.model is None:
        return dimension.key.is_(None)
    return or_(dimension.key.is_(None), dimension.key.not_in(select(dimension.model.id)))
