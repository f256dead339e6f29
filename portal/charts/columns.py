"""Stacked columns over time, their axis, and the figures of any chart as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from markupsafe import Markup, escape

from portal.filters import show_number

# Pixels: of the figures before the axis, for which the style sheet leaves room; above and below.
LEFT, HEAD, FOOT = 44, 8, 20
_MOST_TEXTS = 6
Row = dict[str, Any]
Show = Callable[[float], str]
_OF_A_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)


def columns(
    rows: Sequence[Row], height: int, shown: Show = show_number, *, seconds: bool = False
) -> Markup:
    """Draw stacked columns with their axis; rows of dict(label, values, tick, future)."""
    top, step = axis((total(row) for row in rows), seconds=seconds)
    base = height - FOOT
    scale, width = (base - HEAD) / top, 100 / max(len(rows), 1)
    marks = [grid(shown(mark), base - mark * scale) for mark in range(0, top + 1, step)]
    marks += (_column(row, place * width, width, base, scale) for place, row in enumerate(rows))
    marks += ticks(rows, width, height)
    return Markup("\n".join(marks))  # noqa: S704  # every text in it is escaped


def grid(text: str, y: float) -> str:
    line = f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="-{LEFT}" y="{y + 4:.1f}">{escape(text)}</text>'


def ticks(rows: Sequence[Row], width: float, height: int) -> Iterator[str]:
    """Write below the axis what some rows are; narrow screens show every other one."""
    told = [place for place, row in enumerate(rows) if row.get("tick")]
    for number, place in enumerate(told):
        at = f'x="{place * width:.3f}%" y="{height - 5}"{other(number, len(told))}'
        yield f"<text {at}>{escape(rows[place]['tick'])}</text>"


def other(number: int, of: int) -> str:
    """Return the class of texts of which narrow screens have no room for all."""
    return ' class="other"' if number % 2 and of > _MOST_TEXTS else ""


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


def axis(values: Iterable[float], *, seconds: bool = False) -> tuple[int, int]:
    """(top, step) of a chart's axis: at most four round steps, the top above every value."""
    most = max([1, *values])
    step = next(one for one in _steps(seconds) if one * 4 >= most)
    return step * -(-int(-(-most // 1)) // step), step


def _steps(seconds: bool) -> Iterator[int]:
    """Yield round steps, ever greater; of seconds those that are round on a clock."""
    if seconds:
        yield from _OF_A_CLOCK
    size = 3600 if seconds else 1
    while True:
        yield from (size, 2 * size, 4 * size, 5 * size)
        size *= 10
