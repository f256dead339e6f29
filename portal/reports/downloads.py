"""A report to download: exactly the rows that are asked for, as CSV, XLSX or JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, stream_with_context

from portal import exports, languages
from portal.database import utcnow
from portal.reports import cells, queries
from portal.reports.asked import Asked, Behind
from portal.reports.tables import Table

FORMATS = (*exports.FORMATS, "json")


def name_of(asked: Asked) -> str:
    period = asked.period
    if asked.report.fact.at is None:
        today = utcnow().astimezone(languages.zone())
        return f"{asked.report.name}-{today:%Y-%m-%d}"
    return f"{asked.report.name}-{period.first_day:%Y-%m-%d}-{period.last_day:%Y-%m-%d}"


def of_groups(table: Table) -> tuple[list[str], Iterator[list[Any]]]:
    """Return headings and rows of the groups, with the total last."""
    asked, measures = table.asked, table.asked.report.measures
    headings = [str(one.label) for one in asked.by] + [cells.heading(one) for one in measures]
    blanks = [""] * (len(asked.by) - 1)

    def lines() -> Iterator[list[Any]]:
        for row in (*table.rows, table.total):
            labels = list(row.labels) if row.keys else [*row.labels, *blanks]
            values = [cells.plain_figure(one, one.of(row.sums)) for one in measures]
            yield labels[: len(asked.by)] + values

    return headings, lines()


def of_rows(asked: Asked, behind: Behind | None) -> tuple[list[str], Iterator[list[Any]]]:
    """Return headings and cells of the raw rows in their order, read while they are sent."""
    columns = asked.report.row_columns
    languages.zone()  # found now: while rows are sent, the person is no longer at hand
    lines = (
        [cells.plain(column, value) for column, value in zip(columns, row[2:], strict=True)]
        for row in queries.every_row(asked, behind)
    )
    return [cells.heading(column) for column in columns], lines


def download(format: str, name: str, headings: list[str], rows: Iterable[list[Any]]) -> Response:
    if format != "json":
        return exports.download(format, name, headings, rows)
    response = Response(stream_with_context(_json(headings, rows)), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def _json(headings: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """Yield a list of objects, one a line."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(
            dict(zip(headings, map(_written, row), strict=True)), ensure_ascii=False
        )
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _written(cell: Any) -> Any:
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell
