"""The marks of charts, drawn here: a chart has hundreds, and a template takes ten times as long.

Every chart takes rows of dict(label, values, [texts], [tick], [behind], [future], …); the same rows
are written as a table beside it.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from portal.charts import bars, heat, lines
from portal.charts.columns import FOOT, axis, columns, table

__all__ = ["FILTERS", "axis", "chart", "columns", "height", "table"]
_HEIGHT = 180
_LITTLE = 1e-9  # what the longest bar stands for where all are of nothing
_BARS = {"bars": bars.stacked, "stack": bars.whole, "progress": bars.whole}
_BARS |= {"bullet": bars.bullet, "within": bars.within, "funnel": bars.funnel}


def height(drawing: Any) -> int:
    """Return how many pixels a drawing is high."""
    if drawing.kind == "heat":
        return heat.height(drawing.rows)
    if drawing.kind == "spans":
        return bars.height(drawing.rows) + FOOT
    return bars.height(drawing.rows) if drawing.kind in _BARS else _HEIGHT


def chart(drawing: Any) -> Markup:
    """Draw what a report's figures are to be drawn as."""
    rows, most = drawing.rows, 100 if drawing.unit == "percent" else None
    if drawing.kind in _BARS:
        return _BARS[drawing.kind](rows, most or _LITTLE)
    if drawing.kind == "heat":
        return heat.cells(rows, drawing.series)
    if drawing.kind == "spans":
        return bars.spans(rows, drawing.ticks)
    seconds = drawing.unit == "duration"
    if drawing.kind in ("lines", "area"):
        filled = drawing.kind == "area"
        return lines.lines(rows, _HEIGHT, drawing.shown, filled=filled, most=most, seconds=seconds)
    return columns(rows, _HEIGHT, drawing.shown, seconds=seconds)


FILTERS = {
    "chart": chart,
    "chart_columns": columns,
    "chart_height": height,
    "chart_table": table,
    "spark": lines.spark,
}
