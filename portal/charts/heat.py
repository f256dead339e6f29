"""A heat map: the darker, the more."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from portal.charts.columns import Row

CELL, HEAD, NAMES = 24, 18, 10  # pixels, and percent for the names of rows
_SHADES = 9


def height(rows: Sequence[Row]) -> int:
    return CELL * len(rows) + HEAD


def cells(rows: Sequence[Row], columns: Sequence[str]) -> Markup:
    """Draw a cell for each value, in one of nine shades; its figure stands in it."""
    most = max([1, *(value or 0 for row in rows for value in row["values"])])
    width = (100 - NAMES) / max(len(columns), 1)
    marks = [
        f'<text x="{NAMES + place * width:.3f}%" y="12">{escape(name)}</text>'
        for place, name in enumerate(columns)
        if place % 2 == 0 or len(columns) < 13
    ]
    for line, row in enumerate(rows):
        y = HEAD + line * CELL
        marks.append(f'<text x="0" y="{y + 16}">{escape(row["label"])}</text>')
        for place, value in enumerate(row["values"]):
            shade = -int(-(value or 0) * _SHADES // most)
            x = NAMES + place * width
            said = escape(f"{row['label']} {columns[place]}: {row['texts'][place]}")
            marks.append(
                f'<g><title>{said}</title><rect class="heat h{shade}" x="{x:.3f}%" y="{y}"'
                f' width="{width:.3f}%" height="{CELL}"/></g>'
            )
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped
