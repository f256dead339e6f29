"""The marks of charts, drawn here: a chart has hundreds, and a template takes ten times as long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from portal.filters import show_number

LEFT, HEAD, FOOT = 3, 8, 20  # of the figures at the axis (percent), above it and below it (pixels)
# Of bars: how high one is (pixels), and the room for names and figures beside them (percent).
BAR, NAMES, FIGURES = 24, 24, 8
Row = dict[str, Any]


def columns(rows: Sequence[Row], height: int) -> Markup:
    """Draw stacked columns with their axis; rows of dict(label, values, tick, future)."""
    top, step = axis(sum(row["values"]) for row in rows)
    base = height - FOOT
    scale, width = (base - HEAD) / top, (100 - LEFT) / max(len(rows), 1)
    marks = [_grid(mark, base - mark * scale) for mark in range(0, top + 1, step)]
    for place, row in enumerate(rows):
        left = LEFT + place * width
        marks.append(_column(row, left, width, base, scale))
        if row.get("tick"):
            marks.append(f'<text x="{left:.3f}%" y="{height - 5}">{escape(row["tick"])}</text>')
    return Markup("\n".join(marks))  # noqa: S704  # every text in it is escaped


def _grid(value: int, y: float) -> str:
    kind = "grid" if value else "axis"
    line = f'<line class="{kind}" x1="{LEFT}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="0" y="{y + 4:.1f}">{escape(show_number(value))}</text>'


def _column(row: Row, left: float, width: float, base: float, scale: float) -> str:
    said = escape(_said(row))
    future = " future" if row.get("future") else ""
    parts = [
        f'<g class="col{future}" data-t="{escape(row["label"])}" data-v="{said}">'
        f'<rect class="hit" x="{left:.3f}%" width="{width:.3f}%" y="0" height="{base}"/>'
    ]
    x, wide, pile = left + width * 0.16, width * 0.68, 0
    for number, value in enumerate(row["values"], start=1):
        pile += value
        tall = max(value * scale - (number > 1), 0)
        parts.append(
            f'<rect class="s{number}" x="{x:.3f}%" width="{wide:.3f}%"'
            f' y="{base - pile * scale:.1f}" height="{tall:.1f}"/>'
        )
    return "".join((*parts, "</g>"))


def bars(rows: Sequence[Row]) -> Markup:
    """Draw one stacked bar for each row, with its name before and its figures behind it."""
    most = max([1, *(sum(row["values"]) for row in rows)])
    marks = []
    for place, row in enumerate(rows):
        y, left = place * BAR, NAMES
        marks.append(
            f'<g class="col" data-t="{escape(row["label"])}" data-v="{escape(_said(row))}">'
            f'<rect class="hit" x="0" width="100%" y="{y}" height="{BAR}"/>'
            f'<svg x="0" y="{y}" width="{NAMES - 1}%" height="{BAR}">'
            f'<text x="0" y="16">{escape(row["label"])}</text></svg>'
        )
        for number, value in enumerate(row["values"], start=1):
            wide = value / most * (100 - NAMES - FIGURES)
            marks.append(
                f'<rect class="s{number}" x="{left:.3f}%" width="{wide:.3f}%"'
                f' y="{y + 4}" height="{BAR - 8}"/>'
            )
            left += wide
        marks.append(f'<text x="{left + 0.6:.3f}%" y="{y + 16}">{escape(_sum(row))}</text></g>')
    return Markup("\n".join(marks))  # noqa: S704  # every text in it is escaped


def _said(row: Row) -> str:
    return "|".join(row.get("texts") or map(show_number, row["values"]))


def _sum(row: Row) -> str:
    texts = row.get("texts")
    return texts[0] if texts and len(texts) == 1 else show_number(sum(row["values"]))


def table(rows: Sequence[Row]) -> Markup:
    """Write the same figures as rows of a table; those of the future are not known yet."""
    lines = []
    for row in rows:
        if not row.get("future"):
            cells = (f'<td class="num">{escape(one)}</td>' for one in _said(row).split("|"))
            lines.append(f'<tr><th scope="row">{escape(row["label"])}</th>{"".join(cells)}</tr>')
    return Markup("".join(lines))  # noqa: S704  # every text in it is escaped


def axis(values: Iterable[float]) -> tuple[int, int]:
    """(top, step) of a chart's axis: about four round steps, the top above every value."""
    most = max([1, *values])
    size = 1
    while True:
        for step in (size, 2 * size, 4 * size, 5 * size):
            if step * 4 >= most:
                return step * -(-int(-(-most // 1)) // step), step
        size *= 10


_HEIGHT = 180


def height(drawing: Any) -> int:
    """Return how many pixels a drawing is high."""
    return BAR * len(drawing.rows) if drawing.kind == "bars" else _HEIGHT


def chart(drawing: Any) -> Markup:
    """Draw what a report's figures are to be drawn as."""
    return bars(drawing.rows) if drawing.kind == "bars" else columns(drawing.rows, _HEIGHT)


FILTERS = {"chart": chart, "chart_columns": columns, "chart_height": height, "chart_table": table}
