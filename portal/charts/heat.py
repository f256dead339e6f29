"""A heat map: the darker, the more."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from portal.charts.columns import Row, other

# Pixels: of a cell, of the names of columns, and of those of rows (the style sheet leaves room).
CELL, HEAD, NAMES = 24, 18, 80
_SHADES, _MOST_NAMES = 9, 12


def height(rows: Sequence[Row]) -> int:
    return CELL * len(rows) + HEAD


def cells(rows: Sequence[Row], columns: Sequence[str]) -> Markup:
    """Draw a cell for each value, in one of nine shades; its figure is what the cursor says."""
    most = max([1, *(value or 0 for row in rows for value in row["values"])])
    width = 100 / max(len(columns), 1)
    every = -(-len(columns) // _MOST_NAMES) or 1
    marks = []
    for number, place in enumerate(range(0, len(columns), every)):
        at = f'x="{place * width:.3f}%" y="12"{other(number, len(columns))}'
        marks.append(f"<text {at}>{escape(columns[place])}</text>")
    for line, row in enumerate(rows):
        y = HEAD + line * CELL
        marks.append(
            f'<foreignObject x="-{NAMES}" y="{y}" width="{NAMES - 6}" height="{CELL}">'
            f'<div class="bar-name">{escape(row["label"])}</div></foreignObject>'
        )
        for place, value in enumerate(row["values"]):
            if value is None:
                continue
            shade = -int(-value * _SHADES // most)
            said = escape(f"{row['label']} {columns[place]}: {row['texts'][place]}")
            marks.append(
                f'<g><title>{said}</title><rect class="heat h{shade}" x="{place * width:.3f}%"'
                f' y="{y}" width="{width:.3f}%" height="{CELL}"/></g>'
            )
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped
