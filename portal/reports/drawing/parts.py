"""A chart's parts: its rows, with their figures, and how a measure is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from babel import units
from flask_babel import get_locale

from portal import filters
from portal.reports import cells, clock
from portal.reports.tables import Table
from portal.reports.terms import Dimension, Measure, Unit

# More bars, or more series of one, are no picture any more; the table has them all.
MOST_BARS, MOST_SERIES = 12, 6
# Longer courses of time are drawn in the browser, where one can look into a part of them.
MOST_TICKS = 10
_MOST_MARKS, _MOST_DAYS_OF_HOURS, _HOUR_S = 2000, 2, 3600


def _duration(seconds: float) -> str:
    """Return 20:00, or as short as this: 4h."""
    if not seconds:
        return "0"
    if seconds % _HOUR_S:
        return filters.show_duration(seconds)
    return units.format_unit(
        seconds / _HOUR_S, "duration-hour", length="narrow", locale=get_locale()
    )


_AXIS: dict[str, Callable[[Any], str]] = {
    "percent": lambda value: filters.show_percent(value / 100),
    "duration": _duration,
}


@dataclass(frozen=True)
class Drawing:
    """A chart: its kind, what its series are called, and its rows for :mod:`portal.charts`.

    ``title``: what is drawn, where the series do not say it. ``left_out``: rows of the table that
    are not drawn; ``note``: what else is not. ``ticks``: of stretches, how far into the chart which
    text stands.
    """

    kind: str
    series: list[str]
    rows: list[dict[str, Any]]
    left_out: int = 0
    unit: Unit = "count"
    title: str = ""
    note: str = ""
    ticks: Sequence[tuple[float, str]] = ()

    @property
    def is_long(self) -> bool:
        return len(self.rows) > _MOST_MARKS

    @property
    def plotted(self) -> list[list[Any]]:
        """The values as uPlot takes them: seconds since 1970, then each series."""
        series = zip(*(row["values"] for row in self.rows), strict=True)
        return [[row["at"] for row in self.rows], *map(list, series)]

    def shown(self, value: float) -> str:
        """Return what a mark of the axis says."""
        return _AXIS.get(self.unit, filters.show_number)(value)


def kind_of(table: Table) -> str:
    """Return how the report draws, or how any measure that is chosen is drawn."""
    chosen, chart = table.asked.drawn, table.asked.report.chart
    if chosen is None or [chosen.name] == list(chart.measures):
        return chart.kind
    return "bars" if adds_up(chosen) else "lines"


def measures_of(table: Table) -> Sequence[Measure]:
    """Return the measures that are drawn."""
    if table.asked.drawn:
        return [table.asked.drawn]
    names, every = table.asked.report.chart.measures, table.asked.report.measures
    return [one for name in names for one in every if one.name == name] or every[:1]


def titled(measure: Measure, alike: str) -> str:
    """Return what is drawn, and in which currency."""
    return f"{measure.label}, {alike}" if alike else str(measure.label)


def adds_up(measure: Measure) -> bool:
    """Tell whether the figures of parts make that of the whole, so that they can be piled up."""
    return measure.unit == "money" or (
        measure.value is None and all(one.how == "sum" for one in measure.sums)
    )


def figures(label: str, values: Sequence[tuple[Measure, Any]], kind: str = "") -> dict[str, Any]:
    """Return a row of a chart: ``values`` as they are drawn, and as they are read in ``texts``.

    ``behind``: what stands behind a bar. Of a pile of parts it is their sum, of progress the share
    of the first.
    """
    texts = [cells.figure(one, value) for one, value in values]
    scaled = [_scaled(one, value) for one, value in values]
    behind, known = texts[0], [value for _one, value in values if value is not None]
    if kind == "progress":
        whole = sum(known)
        behind = filters.show_percent(known[0] / whole if whole else None)
    elif kind in ("bars", "stack") and len(known) > 1:
        behind = cells.figure(values[0][0], sum(known))
    elif kind in ("bars", "stack") and known:
        behind = next(text for text, value in zip(texts, scaled, strict=True) if value is not None)
    return {"label": label, "values": scaled, "texts": texts, "behind": behind}


def _scaled(measure: Measure, value: Any) -> float | None:
    if value is None:
        return None
    return float(value) * (100 if measure.unit == "percent" else 1)


def tick(by: Dimension, keys: Sequence[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Tell rows that stand beside each other when they were, and about ten also below them.

    Of hours over many days these are the first of their days, and told by these.
    """
    places, unit = list(range(len(rows))), by.time
    if unit in ("hour", "quarter"):
        for row, key in zip(rows, keys, strict=True):
            row["at"] = int(key.timestamp())
        days: dict[str, int] = {}
        for place, key in enumerate(keys):
            days.setdefault(filters.show_short_date(key), place)
        if len(days) > _MOST_DAYS_OF_HOURS:
            places, unit = list(days.values()), "date"
    for place in places[:: -(-len(places) // MOST_TICKS) or 1]:
        rows[place]["tick"] = clock.tick(unit, keys[place])
