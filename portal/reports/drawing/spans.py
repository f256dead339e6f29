"""Stretches of the period, one line for each value of the first column of the raw rows."""

from __future__ import annotations

from typing import Any

from portal import filters
from portal.database import search_key
from portal.reports import raw_rows
from portal.reports.drawing.parts import MOST_BARS, Drawing
from portal.reports.tables import Table

MOST_SPANS = 2000


def draw(table: Table) -> Drawing:
    asked = table.asked
    by_name = {one.name: place for place, one in enumerate(asked.report.row_columns)}
    places = [by_name[name] + 2 for name in asked.report.chart.columns]  # behind id and time
    words = asked.report.row_columns[places[1] - 2].words or {}
    begin, whole = asked.period.start, (asked.period.end - asked.period.start).total_seconds()
    found: dict[str, dict[str, Any]] = {}
    for row in raw_rows.page(asked, None, None, MOST_SPANS):
        name, kind, start, end = (row[place] for place in places)
        number = list(words).index(kind)
        line = found.setdefault(
            name or "", {"label": name or "", "spans": [], "values": [0.0] * len(words)}
        )
        into = [min(1.0, (one - begin).total_seconds() / whole) for one in (start, end)]
        line["spans"].append((*into, number + 1))
        line["values"][number] += (end - start).total_seconds()
    rows = sorted(found.values(), key=lambda line: search_key(line["label"]))
    for line in rows:
        line["texts"] = [filters.show_duration(int(value)) for value in line["values"]]
    series = [str(label) for label in words.values()]
    return Drawing("spans", series, rows[:MOST_BARS], len(rows[MOST_BARS:]), "duration")
