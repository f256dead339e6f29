"""One measure by two dimensions: one's values are the rows, the other's the series."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from portal.reports import clock, tables
from portal.reports.drawing.parts import (
    MOST_BARS,
    MOST_SERIES,
    Drawing,
    adds_up,
    figures,
    kind_of,
    measures_of,
    tick,
    titled,
)
from portal.reports.tables import Table
from portal.reports.terms import Dimension

_MOST_LINES, _MOST_CELLS = 31, 168  # of a heat map, and of one of its lines: the hours of a week
_PILES = ("columns", "bars", "stack")
Found = dict[Any, dict[Any, Any]]


def suits(table: Table) -> bool:
    """Tell whether two dimensions are drawn as rows and series: one is time, or they add up.

    Where each value of one has only one of the other, as queues have projects, series tell nothing;
    where what is counted is in several of them, as operators are in groups, they are more than all.
    """
    by, measures = table.asked.by, measures_of(table)
    if len(by) < 2 or any(one.time for one in by):
        return len(by) > 1
    pairs = len(table.rows)
    crossed = all(len({row.keys[place] for row in table.rows}) < pairs for place in (0, 1))
    return crossed and len(measures) == 1 and adds_up(measures[0]) and not by[1].several


def draw(table: Table, alike: str) -> Drawing:
    """Draw the first measure. The rows are those of time, if one dimension is."""
    (first, second), measure, kind = table.asked.by[:2], measures_of(table)[0], _kind(table)
    turned = bool(second.time and not first.time)
    if turned:
        first, second = second, first
    found: Found = {}
    for row in table.rows:
        line, series = reversed(row.keys) if turned else row.keys
        value = row.value(measure)
        if value is not None or not alike:  # not of another currency
            found.setdefault(line, {})[series] = value
    shown = _course(table, first, found) if first.time else _greatest(found)
    rest: list[Any] = []
    if kind == "heat":
        shown = shown[:_MOST_LINES]
        keys = (key for values in found.values() for key in values)
        chosen = _course(table, second, keys)[:_MOST_CELLS]
    else:
        chosen, rest = _series(found, second, piled=kind in _PILES)
    told = {*chosen, *rest}
    left_out = len(table.rows) - sum(len(told & found.get(key, {}).keys()) for key in shown)
    labels, names = tables.names(first, shown), tables.names(second, chosen)
    rows = []
    for key in shown:
        values = _values(found.get(key, {}), chosen, rest)
        rows.append(figures(labels[key], [(measure, value) for value in values], kind))
    if first.time:
        tick(first, shown, rows)
    names_drawn = [names[one] for one in chosen] + ([_("Others")] if rest else [])
    return Drawing(kind, names_drawn, rows, left_out, measure.unit, titled(measure, alike))


def _kind(table: Table) -> str:
    kind, by = kind_of(table), table.asked.by
    if all(one.time for one in by):
        return "heat"
    if not any(one.time for one in by):
        return kind if kind == "stack" else "bars"
    piled = adds_up(measures_of(table)[0]) and not any(one.several for one in by)
    if kind in ("lines", "area") or not piled:
        return "lines"
    return "columns"


def _course(table: Table, by: Dimension, keys: Iterable[Any]) -> list[Any]:
    """Return all keys of time, also of those at which nothing was, unless they are too many."""
    every = clock.every(by.time, table.asked.period, table.asked.zone)
    return every if len(every) <= tables.MOST_FILLED else clock.ordered(set(keys))


def _series(found: Found, by: Dimension, *, piled: bool) -> tuple[list[Any], list[Any]]:
    """Return the series that are drawn, and those that are drawn as one: first the greatest.

    Statuses and the like have one order everywhere, and so their colours.
    """
    weights: dict[Any, float] = {}
    for values in found.values():
        for series, value in values.items():
            weights[series] = weights.get(series, 0) + (value or 0)
    ordered, words = sorted(weights, key=lambda one: -weights[one]), list(by.words or ())
    if len(ordered) <= MOST_SERIES:
        ordered.sort(key=lambda one: words.index(one) if one in words else len(words))
        return ordered, []
    most = MOST_SERIES - piled
    return ordered[:most], ordered[most:] if piled else []


def _greatest(found: Found) -> list[Any]:
    """Return the keys of the rows with the most, in the order in which they are found."""
    weights = {line: sum(value or 0 for value in found[line].values()) for line in found}
    chosen = set(sorted(weights, key=lambda line: -weights[line])[:MOST_BARS])
    return [line for line in found if line in chosen]


def _values(values: dict[Any, Any], chosen: list[Any], rest: list[Any]) -> list[Any]:
    """Return the value of each series, and the sum of those that are drawn as one."""
    told = [values.get(one) for one in chosen]
    if rest:
        others = [value for one in rest if (value := values.get(one)) is not None]
        told.append(sum(others) if others else None)
    return told
