"""What a report's chart draws: the rows of its table, the first of them where there are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.reports import cells, clock
from portal.reports.tables import Row, Table
from portal.reports.terms import Measure

# More bars are no picture any more; the table has them all.
MOST_BARS = 12


@dataclass(frozen=True)
class Drawing:
    """A chart: its kind, what its series are called, and its rows for :mod:`portal.charts`."""

    kind: str
    series: list[str]
    rows: list[dict[str, Any]]
    totals: list[str]
    left_out: int = 0


def draw(table: Table) -> Drawing | None:
    """Return the chart of a table; None where there is nothing to draw."""
    asked = table.asked
    kind = asked.report.chart.kind
    if kind == "none" or not asked.by or not table.rows:
        return None
    measures = _measures(table)
    if kind in ("columns", "bars") and len(asked.by) == 1:
        kind = "columns" if asked.by[0].time else "bars"
    shown = table.rows if kind == "columns" else table.rows[:MOST_BARS]
    every = (len(shown) + 9) // 10 or 1
    rows = [_row(table, row, measures, place % every == 0) for place, row in enumerate(shown)]
    totals = [cells.figure(one, one.of(table.total.sums)) for one in measures]
    names = [str(one.label) for one in measures]
    return Drawing(kind, names, rows, totals, len(table.rows) - len(shown))


def _measures(table: Table) -> Sequence[Measure]:
    names = table.asked.report.chart.measures
    return [one for one in table.asked.report.measures if one.name in names] or (
        table.asked.report.measures[:1]
    )


def _row(table: Table, row: Row, measures: Sequence[Measure], ticked: bool) -> dict[str, Any]:
    first = table.asked.by[0]
    values = [one.of(row.sums) for one in measures]
    return {
        "label": " · ".join(row.labels),
        "values": [value or 0 for value in values],
        "texts": [cells.figure(one, value) for one, value in zip(measures, values, strict=True)],
        "tick": clock.tick(first.time, row.keys[0]) if ticked and first.time else "",
    }
