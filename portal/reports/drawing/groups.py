"""Each group's figures: bars that lie, or what stands on an axis of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from portal.reports import queries
from portal.reports.drawing.parts import (
    MOST_BARS,
    Drawing,
    figures,
    kind_of,
    measures_of,
    tick,
    titled,
)
from portal.reports.tables import Row, Table
from portal.reports.terms import Measure, Sums

_STANDING = ("columns", "lines", "area")


def draw(table: Table, alike: str, others: int) -> Drawing:
    by, measures = table.asked.by, measures_of(table)
    timed = len(by) == 1 and bool(by[0].time)
    name, mark = _mark(table, measures[0]) if len(measures) == 1 else ("", None)
    kind = _kind(kind_of(table), timed, len(measures) + bool(mark), bool(mark))
    rows = [
        row for row in table.rows if timed or any(row.value(one) is not None for one in measures)
    ]
    shown = rows if timed else rows[:MOST_BARS]
    drawn = []
    for row in shown:
        values = [(one, row.value(one)) for one in measures]
        if mark:
            values.append((measures[0], mark(row, measures[0])))
        drawn.append(figures(" · ".join(row.labels), values, kind))
    if timed:
        tick(by[0], [row.keys[0] for row in shown], drawn)
    series = [str(one.label) for one in measures] + ([name] if mark else [])
    title = titled(measures[0], alike) if len(series) == 1 else ""
    left_out = others if timed else len(table.rows) - len(shown)
    return Drawing(kind, series, drawn, left_out, measures[0].unit, title)


def _mark(table: Table, measure: Measure) -> tuple[str, Callable[[Row, Measure], Any] | None]:
    """Return what a figure is held against: what that is called, and how it is known."""
    if table.asked.report.targets and any(row.target(measure) is not None for row in table.rows):
        return _("Target"), Row.target
    return (_("Before"), Row.value_before) if table.previous else ("", None)


def _kind(kind: str, timed: bool, series: int, marked: bool) -> str:
    """Return the kind that suits the groups: what is no course of time, lies.

    Piled up is only what adds up: no target, nothing that was before, no part beside its whole.
    """
    if timed:
        if marked or kind == "within":
            return "lines"
        return kind if kind in _STANDING else "columns"
    if marked:
        return "bullet"
    if kind in (*_STANDING, "heat", "bullet") or (kind == "stack" and series == 1):
        return "bars"
    return kind


def on_one_scale(table: Table) -> tuple[Table, str, int]:
    """Return a table without the figures that cannot be held against most: other currencies.

    And what the figures that are left have in common, and how many rows have others.
    """
    alike = measures_of(table)[0].alike
    if alike is None:
        return table, "", 0
    found = Counter(said for row in table.rows if (said := alike(row.sums)))
    if not found:
        return replace(table, rows=[]), "", 0
    [(most, times)] = found.most_common(1)
    nothing = queries.combined(table.asked, ())

    def like(sums: Sums) -> Sums:
        return sums if alike(sums) == most else nothing

    rows = [
        replace(row, sums=like(row.sums), before=None if row.before is None else like(row.before))
        for row in table.rows
    ]
    return replace(table, rows=rows), most, found.total() - times
