"""Stretches of the period, one line for each value of the first column of the raw rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import filters
from portal.database import search_key
from portal.reports import clock, raw_rows
from portal.reports.asked import Asked
from portal.reports.drawing.parts import MOST_BARS, MOST_TICKS, Drawing
from portal.reports.tables import Table

MOST_SPANS = 2000
_HOURS_AND_NOT_DAYS = 2  # up to so many days


def draw(table: Table) -> Drawing:
    """Draw the newest stretches of the first operators, and say from when on they are."""
    asked, left_out = _of_the_first(table)
    stretches = raw_rows.page(asked, None, None, MOST_SPANS)
    begin, end = asked.period.start, asked.period.end
    if len(stretches) == MOST_SPANS:
        begin = stretches[-1].at
    words = asked.report.row_columns[_places(asked)[1] - 2].words or {}
    rows = _lines(asked, stretches, list(words), begin, (end - begin).total_seconds())
    note = " ".join(_notes(left_out + len(rows[MOST_BARS:]), asked, begin))
    ticks = list(_ticks(asked, begin, end))
    series = [str(label) for label in words.values()]
    return Drawing("spans", series, rows[:MOST_BARS], unit="duration", note=note, ticks=ticks)


def _notes(left_out: int, asked: Asked, begin: dt.datetime) -> Iterator[str]:
    if left_out:
        yield ngettext(
            "%(shown)s more operator is in the table.",
            "%(shown)s more operators are in the table.",
            left_out,
            shown=filters.show_number(left_out),
        )
    if begin > asked.period.start:
        moment = filters.show_datetime(begin)
        yield _("Drawn from %(moment)s on; what was before is in the table.", moment=moment)


def _of_the_first(table: Table) -> tuple[Asked, int]:
    """Restrict to as many operators as there is room for; return also how many are left out."""
    asked = table.asked
    by_operator = asked.by[0].name == "operator"
    known = [(search_key(row.labels[0]), row.keys[0]) for row in table.rows if row.keys[0]]
    if not by_operator or len(known) <= MOST_BARS:
        return asked, 0
    first = tuple(key for _name, key in sorted(known)[:MOST_BARS])
    return replace(asked, chosen={**asked.chosen, "operator": first}), len(known) - MOST_BARS


def _places(asked: Asked) -> list[int]:
    """Return where in a raw row its line, series, begin and end are: behind its id and time."""
    names = [one.name for one in asked.report.row_columns]
    return [names.index(name) + 2 for name in asked.report.chart.columns]


def _lines(
    asked: Asked, stretches: list[Any], kinds: list[str], begin: dt.datetime, whole: float
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in stretches:
        name, kind, start, end = (row[place] for place in _places(asked))
        line = found.setdefault(
            name or "", {"label": name or "", "spans": [], "values": [0.0] * len(kinds)}
        )
        into = [min(1.0, (one - begin).total_seconds() / whole) for one in (start, end)]
        line["spans"].append((*into, kinds.index(kind) + 1))
        line["values"][kinds.index(kind)] += (end - start).total_seconds()
    lines = sorted(found.values(), key=lambda line: search_key(line["label"]))
    for line in lines:
        line["texts"] = [filters.show_duration(int(value)) for value in line["values"]]
    return lines


def _ticks(asked: Asked, begin: dt.datetime, end: dt.datetime) -> Iterator[tuple[float, str]]:
    """Yield how far into the stretch that is drawn which day or hour begins."""
    days = (end - begin) / dt.timedelta(days=1)
    unit = "hour" if days <= _HOURS_AND_NOT_DAYS else "day"
    every = clock.every(unit, asked.period, asked.zone)
    for key in every[:: -(-len(every) // MOST_TICKS)]:
        at = key if unit == "hour" else dt.datetime.combine(key, dt.time(), asked.zone)
        if at >= begin:
            yield (at - begin) / (end - begin), clock.tick(unit, key)
