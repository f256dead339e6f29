"""Stacked columns over time, their axis, and the figures of any chart as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from portal.filters import show_number

LEFT, HEAD, FOOT = 3, 8, 20  # of the figures at the axis (percent), above it and below it (pixels)
Row = dict[str, Any]


Show = Callable[[float], str]


def columns(rows: Sequence[Row], height: int, shown: Show = show_number) -> Markup:
    """Draw stacked columns with their axis; rows of dict(label, values, tick, future)."""
    top, step = axis(total(row) for row in rows)
    base = height - FOOT
    scale, width = (base - HEAD) / top, (100 - LEFT) / max(len(rows), 1)
    marks = [grid(shown(mark), base - mark * scale) for mark in range(0, top + 1, step)]
    for place, row in enumerate(rows):
        left = LEFT + place * width
        marks.append(_column(row, left, width, base, scale))
        if row.get("tick"):
            marks.append(f'<text x="{left:.3f}%" y="{height - 5}">{escape(row["tick"])}</text>')
    return Markup("\n".join(marks))  # noqa: S704  # every text in it is escaped


def grid(text: str, y: float) -> str:
    line = f'<line class="grid" x1="{LEFT}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="0" y="{y + 4:.1f}">{escape(text)}</text>'


def _column(row: Row, left: float, width: float, base: float, scale: float) -> str:
    future = " future" if row.get("future") else ""
    parts = [
        f'<g class="col{future}" data-t="{escape(row["label"])}" data-v="{escape(said(row))}">'
        f'<rect class="hit" x="{left:.3f}%" width="{width:.3f}%" y="0" height="{base}"/>'
    ]
    x, wide, pile = left + width * 0.16, width * 0.68, 0
    for number, known in enumerate(row["values"], start=1):
        value = known or 0
        pile += value
        tall = max(value * scale - (number > 1), 0)
        parts.append(
            f'<rect class="s{number}" x="{x:.3f}%" width="{wide:.3f}%"'
            f' y="{base - pile * scale:.1f}" height="{tall:.1f}"/>'
        )
    return "".join((*parts, "</g>"))


def total(row: Row) -> float:
    return sum(value or 0 for value in row["values"])


def said(row: Row) -> str:
    """Return the figures of a row as they are read out, for the cursor."""
    return "|".join(row.get("texts") or map(show_number, row["values"]))


def table(rows: Sequence[Row]) -> Markup:
    """Write the same figures as rows of a table; those of the future are not known yet."""
    lines = []
    for row in rows:
        if not row.get("future"):
            cells = (f'<td class="num">{escape(one)}</td>' for one in said(row).split("|"))
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
