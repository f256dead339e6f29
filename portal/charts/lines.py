"""Lines over time, and the area below one."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from portal.charts.columns import FOOT, HEAD, Row, Show, axis, grid, said, ticks


def lines(
    rows: Sequence[Row],
    height: int,
    shown: Show,
    *,
    filled: bool = False,
    most: int | None = None,
    seconds: bool = False,
) -> Markup:
    """Draw a line for each value of the rows; a value that is None is a gap.

    ``most``: the top of the axis, unless a value is above it; without it the values tell.
    """
    known = [value for row in rows for value in row["values"] if value is not None]
    if most is None or max([0, *known]) > most:
        top, step = axis(known, seconds=seconds)
    else:
        top, step = most, most // 4
    base = height - FOOT
    scale, width = (base - HEAD) / top, 100 / max(len(rows), 1)
    marks = [grid(shown(mark), base - mark * scale) for mark in range(0, top + 1, step)]
    box = f'x="{width / 2:.3f}%" width="{width * max(len(rows) - 1, 1):.3f}%"'
    view = f"0 0 {max(len(rows) - 1, 1)} {top}"
    marks.append(
        f'<svg {box} y="{HEAD}" height="{base - HEAD}" viewBox="{view}" preserveAspectRatio="none">'
    )
    for number in range(len(rows[0]["values"]) if rows else 0):
        marks.append(_line([row["values"][number] for row in rows], number + 1, top, filled))
    marks.append("</svg>")
    for place, row in enumerate(rows):
        left = place * width
        marks.append(
            f'<g class="col" data-t="{escape(row["label"])}" data-v="{escape(said(row))}">'
            f'<rect class="hit" x="{left:.3f}%" width="{width:.3f}%" y="0" height="{base}"/></g>'
        )
    marks += ticks(rows, width, height)
    return Markup("\n".join(marks))  # noqa: S704  # every text in it is escaped


def spark(values: Sequence[int]) -> Markup:
    """Draw the small line of a tile: a percent high, and as wide as there are values."""
    most, last = max(*values, 1), max(len(values) - 1, 1)
    points = [f"{place} {96 - value / most * 90:.1f}" for place, value in enumerate(values)]
    path = " L".join(points)
    return Markup(  # noqa: S704  # made of numbers
        f'<path class="a" d="M0 100 L{path} L{last} 100Z"/><path class="l" d="M{path}"/>'
    )


def _line(values: Sequence[float | None], number: int, top: int, filled: bool) -> str:
    path, drawing = [], False
    for place, value in enumerate(values):
        if value is not None:
            at = f"{place} {top - value:.3f}"
            path.append(f"L{at}" if drawing else f"M{at}h0")  # "h0" is the dot of a lone value
        drawing = value is not None
    line = f'<path class="line l{number}" d="{" ".join(path)}"/>'
    if filled and path and None not in values:
        area = f"M0 {top} {' '.join(path).replace('M', 'L')} L{len(values) - 1} {top}Z"
        line = f'<path class="area s{number}" d="{area}"/>{line}'
    return line
