"""Bars that lie: a name before each, its figure behind it, where the style sheet leaves room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from portal.charts.columns import Row, other, said, total

BAR, NAMES = 24, 30  # how high one is (pixels), and the room for the names (percent)
_ROOM = 100 - NAMES


def height(rows: Sequence[Row]) -> int:
    return BAR * max(len(rows), 1)


def stacked(rows: Sequence[Row], least: float) -> Markup:
    """Draw one bar for each row, its parts one behind the other.

    ``least``: the longest bar stands for as much as this, or for more.
    """
    most = max([least, *(total(row) for row in rows)])
    return _drawn(rows, lambda row: [(value or 0) / most for value in row["values"]])


def whole(rows: Sequence[Row], least: float) -> Markup:
    """Draw bars of one length: what each part is of its whole."""

    def parts(row: Row) -> list[float]:
        most = total(row) or least
        return [(value or 0) / most for value in row["values"]]

    return _drawn(rows, parts)


def funnel(rows: Sequence[Row], least: float) -> Markup:
    """Draw steps, each as a part of the first."""
    most = max([least, *(row["values"][0] or 0 for row in rows)])
    return _drawn(rows, lambda row: [(row["values"][0] or 0) / most])


def within(rows: Sequence[Row], least: float) -> Markup:
    """Draw wholes (the first value), and in each the part of it that is of interest."""
    most = _greatest(rows, least)
    marks = []
    for place, row in enumerate(rows):
        wide = [(value or 0) / most * _ROOM for value in row["values"]]
        marks.append(_begun(row, place))
        marks += (_rect(f"s{number}", NAMES, one, place) for number, one in enumerate(wide, 1))
        marks.append(_ended(row, place, max(wide)))
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped


def bullet(rows: Sequence[Row], least: float) -> Markup:
    """Draw what was reached (the first value) against a mark at the second."""
    most = _greatest(rows, least)
    marks: list[str] = []
    for place, row in enumerate(rows):
        reached, mark = ((value or 0) / most * _ROOM for value in row["values"])
        marks += _begun(row, place), _rect("s1", NAMES, reached, place)
        if mark:
            at = f'x="{NAMES + mark:.3f}%" y="{place * BAR + 2}"'
            marks.append(f'<rect class="s2" {at} width="3" height="{BAR - 4}"/>')
        marks.append(_ended(row, place, max(reached, mark)))
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped


def spans(rows: Sequence[Row], ticks: Sequence[tuple[float, str]]) -> Markup:
    """Draw stretches of time; a row has ``spans`` of (from, to, number of its series), 0 to 1.

    ``ticks``: how far into it, 0 to 1, which time is.
    """
    foot = height(rows)
    marks = []
    for number, (at, text) in enumerate(ticks):
        x = f"{NAMES + at * _ROOM:.3f}%"
        marks.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{foot}"/>')
        told = f'x="{x}" y="{foot + 15}"{other(number, len(ticks))}'
        marks.append(f"<text {told}>{escape(text)}</text>")
    for place, row in enumerate(rows):
        marks.append(_begun(row, place))
        for start, end, number in row["spans"]:
            x, wide = NAMES + start * _ROOM, max((end - start) * _ROOM, 0.1)
            marks.append(_rect(f"s{number}", x, wide, place))
        marks.append("</g>")
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped


def _greatest(rows: Sequence[Row], least: float) -> float:
    return max([least, *(value or 0 for row in rows for value in row["values"])])


def _drawn(rows: Sequence[Row], parts: Callable[[Row], list[float]]) -> Markup:
    marks = []
    for place, row in enumerate(rows):
        marks.append(_begun(row, place))
        left: float = 0
        for number, part in enumerate(parts(row), start=1):
            marks.append(_rect(f"s{number}", NAMES + left, part * _ROOM, place))
            left += part * _ROOM
        marks.append(_ended(row, place, left))
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped


def _begun(row: Row, place: int) -> str:
    """Begin the group of a row: what the cursor says, and its name, with dots if it is too long."""
    y = place * BAR
    return (
        f'<g class="col" data-t="{escape(row["label"])}" data-v="{escape(said(row))}">'
        f'<rect class="hit" x="0" width="100%" y="{y}" height="{BAR}"/>'
        f'<foreignObject x="0" y="{y}" width="{NAMES - 1}%" height="{BAR}">'
        f'<div class="bar-name">{escape(row["label"])}</div></foreignObject>'
    )


def _ended(row: Row, place: int, left: float) -> str:
    """End it with its figure."""
    at = f'x="{NAMES + left + 0.8:.3f}%" y="{place * BAR + 16}"'
    return f"<text {at}>{escape(row['behind'])}</text></g>"


def _rect(kind: str, x: float, wide: float, place: int) -> str:
    at = f'x="{x:.3f}%" y="{place * BAR + 4}"'
    return f'<rect class="{kind}" {at} width="{wide:.3f}%" height="{BAR - 8}"/>'
