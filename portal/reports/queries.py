"""The figures of a report, and the rows behind each of them: one definition, one scope.

The coarsest table that knows enough is read: a roll-up by day or by hour, else the raw rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import g
from sqlalchemy import BigInteger, Select, case, cast, func, or_, select

from portal.extensions import db
from portal.periods import Period
from portal.projects.models import Project
from portal.reports import clock, keys, places
from portal.reports.asked import Asked, Behind
from portal.reports.terms import Dimension, RollUp, Sum

Query = Select[*tuple[Any, ...]]
Key = tuple[Any, ...]
Gathered = dict[Key, dict[str, Any]]
# To name more costs more than to read the names of all that is seen.
_MOST_LOOKED_UP = 100
_NO_DAYS = {"hour", "quarter", "hour_of_day"}


def gathered(
    asked: Asked, by: Sequence[Dimension], period: Period, behind: Behind | None = None
) -> Gathered:
    """Return the sums of each group, by its keys.

    Without ``by`` it is one group, with no keys. Ids of what the viewer does not see are no keys:
    these rows are of the group None, with those that have none. ``behind``: only what is behind
    that figure.
    """
    if asked.report.gather:
        made = asked.report.gather(asked, by, period, behind)
        return _with_names_only(made, by, _sums(asked))
    sums = _sums(asked)
    plain = [one for one in sums if one.how != "values"]
    valued = [one for one in sums if one.how == "values"]
    table = None if behind else rollup_for(asked, by, sums, period)
    found: Gathered = {} if by else {(): _nothing(sums)}
    keys_of = keys.reader(by, asked, table, period)
    if plain:
        query = _select(asked, by, plain, period, table)
        names = [one.name for one in plain]
        for row in db.session.execute(restricted(query, asked, period, table, behind)):
            group, values = keys_of(row), row[-len(names) :]
            cells = {name: value or 0 for name, value in zip(names, values, strict=True)}
            if group in found:
                _add(found, group, cells, plain)
            else:
                found[group] = cells | _nothing(valued)
    for one in valued:
        _add_values(found, asked, by, one, sums, period, behind)
    return _with_names_only(found, by, sums)


def combined(asked: Asked, parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the sums of groups."""
    several = list(parts)
    return {one.name: _together(one, [part[one.name] for part in several]) for one in _sums(asked)}


def _together(one: Sum, values: Sequence[Any]) -> Any:
    if one.how == "max":
        return max(values, default=0)
    if one.how == "sum":
        return sum(values)
    whole: Counter[Any] = Counter()
    for value in values:
        whole.update(value)
    return whole


def _sums(asked: Asked) -> list[Sum]:
    return list(dict.fromkeys(one for each in asked.report.measures for one in each.sums))


def _nothing(sums: Sequence[Sum]) -> dict[str, Any]:
    return {one.name: Counter() if one.how == "values" else 0 for one in sums}


def _add(found: Gathered, group: Key, cells: Mapping[str, Any], sums: Sequence[Sum]) -> None:
    mine = found.get(group)
    if mine is None:
        mine = found[group] = _nothing(sums)
    for one in sums:
        value = cells.get(one.name)
        if value is None:
            continue
        if one.how == "max":
            mine[one.name] = max(mine[one.name], value)
        elif one.how == "values":
            mine[one.name].update(value)
        else:
            mine[one.name] += value


def rollup_for(
    asked: Asked, by: Sequence[Dimension], sums: Sequence[Sum], period: Period
) -> RollUp | None:
    """Return the coarsest roll-up that tells all that is asked, or None: the raw rows."""
    if asked.report.where or any(one.join is not None for one in by):
        return None
    zone, cut = asked.zone, g.identity.company.figures_timezone
    if cut is None:  # the tables are being filled
        return None
    needed = [one.key for one in by] + [one.key for one, _values in asked.filters]
    columns = {one.name for one in sums} | {key.key for key in needed if key is not None}
    for table in asked.report.fact.rollups:
        if table.grain == "day":
            fits = cut == zone.key and not any(one.time in _NO_DAYS for one in by)
        else:
            fits = clock.step(period, zone) == clock.HOUR_S and not any(
                one.time == "quarter" for one in by
            )
        if fits and all(hasattr(table.model, name) for name in columns):
            return table
    return None


def _select(
    asked: Asked,
    by: Sequence[Dimension],
    sums: Sequence[Sum],
    period: Period,
    table: RollUp | None,
) -> Query:
    grouped = keys.columns(by, asked, period, table)
    if table:
        of = [_combined(getattr(table.model, one.name), one) for one in sums]
    else:
        of = [_counted(one) for one in sums]
    query = select(*grouped, *of).select_from(table.model if table else asked.report.fact.model)
    query = _joined(query, asked, by)
    return query.group_by(*grouped) if grouped else query


def _joined(query: Query, asked: Asked, by: Sequence[Dimension]) -> Query:
    for one in by:
        if one.join is not None:
            query = query.outerjoin_from(asked.report.fact.model, *one.join)
    return query


def _counted(one: Sum) -> Any:
    """Return the expression of a sum over raw rows."""
    if one.how == "max":
        largest = func.max(case((one.where, one.of)) if one.where is not None else one.of)
        return func.coalesce(largest, 0)
    if one.where is None and one.of is None:
        return func.count()
    of = 1 if one.of is None else one.of
    return _combined(case((one.where, of), else_=0) if one.where is not None else of, one)


def _combined(column: Any, one: Sum) -> Any:
    return func.max(column) if one.how == "max" else cast(func.sum(column), BigInteger)


def restricted(
    query: Query, asked: Asked, period: Period, table: RollUp | None, behind: Behind | None = None
) -> Query:
    """Restrict a query to what is asked: period, filters, and what is behind one figure."""
    fact = asked.report.fact
    at = table.model.starts_at if table else fact.at
    if fact.during and not table:
        query = query.where(fact.during(period.start, period.end))
    elif at is not None:
        query = query.where(at >= period.start, at < period.end)
    for one, values in asked.filters:
        query = query.where(_chosen(one, values, table))
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


def _chosen(one: Any, values: Sequence[Any], table: RollUp | None) -> Any:
    column = getattr(table.model, one.key.key) if table else one.key
    return one.where(column, values) if one.where else column.in_(values)


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


def _add_values(
    found: Gathered,
    asked: Asked,
    by: Sequence[Dimension],
    one: Sum,
    sums: Sequence[Sum],
    period: Period,
    behind: Behind | None,
) -> None:
    """Add how often each value occurs, by which medians and bands are told."""
    grouped = keys.columns(by, asked, period, None)
    query = select(*grouped, one.of, func.count()).select_from(asked.report.fact.model)
    query = _joined(query, asked, by).group_by(*grouped, one.of)
    if one.where is not None:
        query = query.where(one.where)
    parts: dict[Key, dict[Any, int]] = {}
    for *raw, value, number in db.session.execute(restricted(query, asked, period, None, behind)):
        if value is not None:
            parts.setdefault(tuple(raw), {})[value] = number
    keys_of = keys.reader(by, asked, None, period)
    for group, counted in parts.items():
        _add(found, keys_of(group), {one.name: counted}, sums)


def _with_names_only(found: Gathered, by: Sequence[Dimension], sums: Sequence[Sum]) -> Gathered:
    """Put the groups of what the viewer does not see to those without."""
    asked_for = [{group[place] for group in found} - {None} for place in range(len(by))]
    models = [one.model for one in by]
    seen = [one and names_of(one, ids) for one, ids in zip(models, asked_for, strict=True)]
    if all(one is None or len(one) == len(ids) for one, ids in zip(seen, asked_for, strict=True)):
        return found
    kept: Gathered = {}
    for group, cells in found.items():
        mine = tuple(
            key if names is None or key in names else None
            for key, names in zip(group, seen, strict=True)
        )
        _add(kept, mine, cells, sums)
    return kept


def names_of(model: Any, ids: set[Any]) -> dict[Any, str]:
    """Return the names of those of these ids that the viewer may see."""
    names = g.setdefault("report_names", {}).setdefault(model, {})
    if missing := ids - names.keys():
        query = select(model.id, model.name)
        if len(missing) <= _MOST_LOOKED_UP:
            query = query.where(model.id.in_(missing))
        names |= dict.fromkeys(missing)
        names |= {row.id: row.name for row in db.session.execute(query)}
    return {one: names[one] for one in ids if names[one] is not None}


def projects_seen(asked: Asked) -> tuple[int, int]:
    """Return how many projects the figures are of, and how many the viewer sees."""
    all_of_them = db.session.scalar(select(func.count(Project.id))) or 0
    return len(asked.chosen.get("project", ())) or all_of_them, all_of_them


def rows_behind(
    asked: Asked, behind: Behind | None, before: tuple[Any, Any] | None, limit: int
) -> list[Any]:
    """Return up to ``limit`` raw rows: their id, their time or order, and their columns."""
    fact = asked.report.fact
    if asked.report.rows:
        return places.listed(asked.report.rows(asked, behind), before)[:limit]
    named = [column.of.label(f"c{place}") for place, column in enumerate(asked.report.row_columns)]
    query = select(fact.id.label("id"), places.order(fact).label("at"), *named)
    query = query.select_from(fact.model)
    query = restricted(query, asked, asked.period, None, behind)
    if fact.merged:
        query = query.group_by(fact.id, places.order(fact), *fact.merged)
    return list(db.session.execute(places.after(query, fact, before).limit(limit)))


def pages(asked: Asked, behind: Behind | None = None, size: int = 1000) -> Iterator[list[Any]]:
    """Yield all rows in their order, some at a time: for exports."""
    if asked.report.rows:
        yield asked.report.rows(asked, behind)
        return
    before = None
    while found := rows_behind(asked, behind, before, size):
        yield found
        before = (found[-1].at, found[-1].id)
        if len(found) < size:
            return


def count_rows(asked: Asked, behind: Behind | None = None, most: int | None = None) -> int:
    """Return how many rows there are, counted up to ``most``."""
    if asked.report.rows:
        return len(asked.report.rows(asked, behind)[:most])
    query = restricted(select(asked.report.fact.id), asked, asked.period, None, behind)
    if asked.report.fact.merged:
        query = query.distinct()
    return db.session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0
