"""What a report's chart draws: the rows of its table, the first of them where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal import filters
from portal.database import search_key
from portal.reports import cells, clock, raw_rows, tables
from portal.reports.tables import Row, Table
from portal.reports.terms import Dimension, Measure, Unit

# More bars, or more series of one, are no picture any more; the table has them all.
MOST_BARS, MOST_SERIES, MOST_SPANS = 12, 6, 2000
# Longer courses of time are drawn in the browser, where one can look into a part of them.
MOST_MARKS = 2000
_STANDING = ("columns", "lines", "area")
_AXIS: dict[str, Callable[[Any], str]] = {
    "percent": lambda value: filters.show_percent(value / 100),
    "duration": filters.show_duration,
}


@dataclass(frozen=True)
class Drawing:
    """A chart: its kind, what its series are called, and its rows for :mod:`portal.charts`."""

    kind: str
    series: list[str]
    rows: list[dict[str, Any]]
    left_out: int = 0
    unit: Unit = "count"

    @property
    def is_long(self) -> bool:
        return len(self.rows) > MOST_MARKS

    @property
    def plotted(self) -> list[list[Any]]:
        """The values as uPlot takes them: seconds since 1970, then each series."""
        series = zip(*(row["values"] for row in self.rows), strict=True)
        return [[row["at"] for row in self.rows], *map(list, series)]

    def shown(self, value: float) -> str:
        """Return what a mark of the axis says."""
        return _AXIS.get(self.unit, filters.show_number)(value)


def draw(table: Table) -> Drawing | None:
    """Return the chart of a table; None where there is nothing to draw."""
    kind: str = table.asked.report.chart.kind
    by = table.asked.by
    if kind == "none" or not table.rows or (not by and kind not in ("funnel", "histogram")):
        return None
    if kind == "spans":
        return _spans(table)
    if kind in ("funnel", "histogram"):
        return _steps(table, "funnel" if kind == "funnel" else "columns")
    if len(by) > 1:
        timed = by[0] if by[0].time else by[1]
        return _pivot(table, "heat" if kind == "heat" else _fitting(kind, timed))
    kind = _fitting(kind, by[0])
    measures = _measures(table)
    shown = _first_of(table.rows, kind)
    rows = [_row(by[0], one, _values(one, measures, table)) for one in shown]
    _tick(by[0], shown, rows)
    names = [str(one.label) for one in measures]
    if table.asked.report.targets:
        names.append(_("Target"))
    elif len(measures) == 1 and table.previous:
        names.append(_("Before"))
    return Drawing(kind, names, rows, len(table.rows) - len(shown), measures[0].unit)


def _fitting(kind: str, by: Dimension) -> str:
    """Return the kind that suits the groups: what is no course of time, lies."""
    if by.time:
        return "columns" if kind in ("bars", "stack", "heat", "bullet") else kind
    return "bars" if kind in (*_STANDING, "heat") else kind


def _measures(table: Table) -> Sequence[Measure]:
    names, every = table.asked.report.chart.measures, table.asked.report.measures
    return [one for name in names for one in every if one.name == name] or every[:1]


def _first_of(rows: Sequence[Row], kind: str) -> Sequence[Row]:
    return rows if kind in _STANDING else rows[:MOST_BARS]


def _values(row: Row, measures: Sequence[Measure], table: Table) -> list[tuple[Measure, Any]]:
    values = [(one, row.value(one)) for one in measures]
    if table.asked.report.targets:
        values.append((measures[0], row.target(measures[0])))
    elif len(measures) == 1 and table.previous:
        values.append((measures[0], row.value_before(measures[0])))
    return values


def _row(by: Dimension, row: Row, values: Sequence[tuple[Measure, Any]]) -> dict[str, Any]:
    return {
        "label": row.labels[0],
        "values": [_scaled(one, value) for one, value in values],
        "texts": [cells.figure(one, value) for one, value in values],
    }


def _scaled(measure: Measure, value: Any) -> float | None:
    if value is None:
        return None
    return float(value) * (100 if measure.unit == "percent" else 1)


def _tick(by: Dimension, rows: Sequence[Row], drawn: Sequence[dict[str, Any]]) -> None:
    """Write below the axis what every tenth column is."""
    every = (len(rows) + 9) // 10 or 1
    for place in range(0, len(rows), every):
        key = rows[place].keys[0]
        drawn[place]["tick"] = clock.tick(by.time, key) if by.time else rows[place].labels[0]
    if by.time in ("hour", "quarter"):
        for one, row in zip(drawn, rows, strict=True):
            one["at"] = int(row.keys[0].timestamp())


def _steps(table: Table, kind: str) -> Drawing:
    """Draw the totals of several measures: steps that are parts of the first, or bands."""
    measures = _measures(table)
    rows = [
        {
            "label": str(one.label),
            "values": [_scaled(one, table.total.value(one))],
            "texts": [cells.figure(one, table.total.value(one))],
            "tick": str(one.label),
        }
        for one in measures
    ]
    return Drawing(kind, [_("Total")], rows)


def _pivot(table: Table, kind: str) -> Drawing:
    """Draw the first measure by two dimensions: one's values are the rows, the other's the series.

    The rows are those of time, if one dimension is.
    """
    (first, second), places = table.asked.by[:2], (0, 1)
    if second.time and not first.time and kind != "heat":
        first, second, places = second, first, (1, 0)
    measure = _measures(table)[0]
    found: dict[Any, dict[Any, Any]] = {}
    weight: dict[Any, float] = {}
    for row in table.rows:
        line, series = (row.keys[place] for place in places)
        value = row.value(measure)
        found.setdefault(line, {})[series] = value
        weight[series] = weight.get(series, 0) + (value or 0)
    if kind == "heat":
        chosen = clock.ordered(weight)
    else:
        chosen = sorted(weight, key=lambda key: -weight[key])[:MOST_SERIES]
    shown = clock.ordered(found) if first.time else list(found)[:MOST_BARS]
    labels, names = tables.names(first, shown), tables.names(second, chosen)
    rows: list[dict[str, Any]] = []
    for place, key in enumerate(shown):
        values = [found[key].get(one) for one in chosen]
        rows.append(
            {
                "label": labels[key],
                "values": [_scaled(measure, value) for value in values],
                "texts": [cells.figure(measure, value) for value in values],
            }
        )
        if first.time and place % ((len(shown) + 9) // 10 or 1) == 0:
            rows[-1]["tick"] = clock.tick(first.time, key)
        if first.time in ("hour", "quarter"):
            rows[-1]["at"] = int(key.timestamp())
    left_out = len(found) - len(shown)
    return Drawing(kind, [names[one] for one in chosen], rows, left_out, measure.unit)


def _spans(table: Table) -> Drawing | None:
    """Draw raw rows as stretches of the period, one line for each value of their first column."""
    asked = table.asked
    by_name = {one.name: place for place, one in enumerate(asked.report.row_columns)}
    places = [by_name[name] + 2 for name in asked.report.chart.columns]  # behind id and time
    words = asked.report.row_columns[places[1] - 2].words or {}
    begin, whole = asked.period.start, (asked.period.end - asked.period.start).total_seconds()
    found: dict[str, dict[str, Any]] = {}
    for row in raw_rows.page(asked, None, None, MOST_SPANS):
        name, kind, start, end = (row[place] for place in places)
        number = list(words).index(kind)
        line = found.setdefault(
            name or "", {"label": name or "", "spans": [], "values": [0.0] * len(words)}
        )
        into = [min(1.0, (one - begin).total_seconds() / whole) for one in (start, end)]
        line["spans"].append((*into, number + 1))
        line["values"][number] += (end - start).total_seconds()
    rows = sorted(found.values(), key=lambda line: search_key(line["label"]))
    for line in rows:
        line["texts"] = [filters.show_duration(int(value)) for value in line["values"]]
    series = [str(label) for label in words.values()]
    return Drawing("spans", series, rows[:MOST_BARS], len(rows[MOST_BARS:]), "duration")
