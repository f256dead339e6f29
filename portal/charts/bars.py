"""Bars that lie: a name before each, its figures behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

from portal.charts.columns import Row, said, total
from portal.filters import show_number

# How high one is (pixels), and the room for names and figures beside them (percent).
BAR, NAMES, FIGURES = 24, 24, 9
_ROOM = 100 - NAMES - FIGURES


def height(rows: Sequence[Row]) -> int:
    return BAR * max(len(rows), 1)


def stacked(rows: Sequence[Row]) -> Markup:
    """Draw one bar for each row, its parts one behind the other."""
    most = max([1, *(total(row) for row in rows)])
    return _drawn(rows, lambda row: [(value or 0) / most for value in row["values"]], _sum)


def whole(rows: Sequence[Row]) -> Markup:
    """Draw bars of one length: what each part is of its whole."""

    def parts(row: Row) -> list[float]:
        most = total(row) or 1
        return [(value or 0) / most for value in row["values"]]

    return _drawn(rows, parts, lambda row: row.get("texts", [""])[0])


def funnel(rows: Sequence[Row]) -> Markup:
    """Draw steps, each as a part of the first."""
    most = max([1, *(row["values"][0] or 0 for row in rows)])
    return _drawn(rows, lambda row: [(row["values"][0] or 0) / most], _sum)


def bullet(rows: Sequence[Row]) -> Markup:
    """Draw what was reached (the first value) against a mark at the target (the second)."""
    most = max([1, *(value or 0 for row in rows for value in row["values"])])
    marks = [
        _drawn(rows, lambda row: [(row["values"][0] or 0) / most], lambda row: row["texts"][0])
    ]
    for place, row in enumerate(rows):
        if row["values"][1]:
            x, y = NAMES + row["values"][1] / most * _ROOM, place * BAR + 2
            marks.append(
                Markup('<rect class="target" x="{}%" y="{}" width="2" height="{}"/>').format(
                    f"{x:.3f}", y, BAR - 4
                )
            )
    return Markup("\n").join(marks)


def spans(rows: Sequence[Row]) -> Markup:
    """Draw stretches of time; a row has ``spans`` of (from, to, number of its series), 0 to 1."""
    marks = []
    for place, row in enumerate(rows):
        marks.append(_begun(row, place))
        for start, end, number in row["spans"]:
            x, wide = NAMES + start * (100 - NAMES), max((end - start) * (100 - NAMES), 0.1)
            marks.append(_rect(f"s{number}", x, wide, place))
        marks.append("</g>")
    return Markup("".join(marks))  # noqa: S704  # every text in it is escaped


def _drawn(
    rows: Sequence[Row], parts: Callable[[Row], list[float]], text: Callable[[Row], str]
) -> Markup:
    marks = []
    for place, row in enumerate(rows):
        marks.append(_begun(row, place))
        left: float = NAMES
        for number, part in enumerate(parts(row), start=1):
            marks.append(_rect(f"s{number}", left, part * _ROOM, place))
            left += part * _ROOM
        y, behind = place * BAR + 16, escape(text(row))
        marks.append(f'<text x="{left + 0.8:.3f}%" y="{y}">{behind}</text></g>')
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


def _rect(kind: str, x: float, wide: float, place: int) -> str:
    at = f'x="{x:.3f}%" y="{place * BAR + 4}"'
    return f'<rect class="{kind}" {at} width="{wide:.3f}%" height="{BAR - 8}"/>'


def _sum(row: Row) -> str:
    """Return the figure behind a bar: of one part its own text, of several their sum."""
    texts: Iterable[str] = row.get("texts") or ()
    if len(row["values"]) == 1:
        return next(iter(texts), show_number(row["values"][0]))
    return show_number(total(row))
