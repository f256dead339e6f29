"""The marks of charts, drawn here: a chart has hundreds, and a template takes ten times as long.

Every chart takes rows of dict(label, values, [texts], [tick], [future], …); the same rows are
written as a table beside it.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from portal.charts import bars, heat, lines
from portal.charts.columns import axis, columns, table

__all__ = ["FILTERS", "axis", "chart", "columns", "height", "table"]
_HEIGHT = 180
_BARS = {"bars": bars.stacked, "stack": bars.whole, "progress": bars.whole}
_BARS |= {"bullet": bars.bullet, "funnel": bars.funnel, "spans": bars.spans}


def height(drawing: Any) -> int:
    """Return how many pixels a drawing is high."""
    if drawing.kind in _BARS:
        return bars.height(drawing.rows)
    return heat.height(drawing.rows) if drawing.kind == "heat" else _HEIGHT


def chart(drawing: Any) -> Markup:
    """Draw what a report's figures are to be drawn as."""
    if drawing.kind in _BARS:
        return _BARS[drawing.kind](drawing.rows)
    if drawing.kind == "heat":
        return heat.cells(drawing.rows, drawing.series)
    if drawing.kind in ("lines", "area"):
        most = 100 if drawing.unit == "percent" else None
        filled = drawing.kind == "area"
        return lines.lines(drawing.rows, _HEIGHT, drawing.shown, filled=filled, most=most)
    return columns(drawing.rows, _HEIGHT, drawing.shown)


FILTERS = {
    "chart": chart,
    "chart_columns": columns,
    "chart_height": height,
    "chart_table": table,
    "spark": lines.spark,
}
