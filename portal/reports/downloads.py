"""A report to download: exactly the rows that are asked for, as CSV, XLSX or JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any
from urllib.parse import urlencode

from flask import Response, stream_with_context
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal import exports, languages
from portal.database import utcnow
from portal.reports import cells, raw_rows, tables
from portal.reports.asked import Asked, Behind
from portal.reports.tables import Row, Table
from portal.reports.terms import Report

FORMATS = (*exports.FORMATS, "json")
MOST_AT_ONCE = 100_000  # rows; more are written in the background


def name_of(asked: Asked) -> str:
    period = asked.period
    if asked.report.fact.at is None:
        today = utcnow().astimezone(languages.zone())
        return f"{asked.report.name}-{today:%Y-%m-%d}"
    return f"{asked.report.name}-{period.first_day:%Y-%m-%d}-{period.last_day:%Y-%m-%d}"


def told(name: str, arguments: MultiDict[str, str], rows: int) -> dict[str, Any]:
    """Return what the trail is told of a download."""
    detail = {"filter": urlencode(list(arguments.items(multi=True)))[:2000], "rows": rows}
    return {"kind": "report", "object_name": name, "detail": detail}


def of_groups(table: Table) -> tuple[list[str], list[list[Any]]]:
    """Return headings and rows of the groups, with the total last."""
    asked = table.asked
    headings = [str(one.label) for one in asked.by] + _headings(asked.report)
    blanks = [""] * (len(asked.by) - 1)
    total = [table.total.labels[0], *blanks] if asked.by else []
    rows = [(row.labels, row) for row in table.rows] + [(total, table.total)]
    return headings, [[*labels, *_figures(asked.report, row)] for labels, row in rows]


def _headings(report: Report) -> list[str]:
    headings = []
    for one in report.measures:
        headings.append(cells.heading(one))
        if report.targets and one.kpi:
            headings += [
                _("Target: %(name)s", name=one.label),
                _("Difference: %(name)s", name=one.label),
            ]
    return [*headings, _("Targets met")] if report.targets else headings


def _figures(report: Report, row: Row) -> list[Any]:
    figures = []
    for one in report.measures:
        figures.append(cells.plain_figure(one, row.value(one)))
        if report.targets and one.kpi:
            figures += [row.target(one), cells.plain_figure(one, row.beyond(one))]
    return [*figures, row.met_share(report.measures)] if report.targets else figures


def of_rows(
    asked: Asked, behind: Behind | None, pages: Iterable[list[Any]] | None = None
) -> tuple[list[str], Iterator[list[Any]]]:
    """Return headings and cells of the raw rows in their order, read while they are sent."""
    columns = asked.report.row_columns
    languages.zone()  # found now: the person's row is let go before the first line is read
    lines = (
        [cells.plain(column, value) for column, value in zip(columns, row[2:], strict=True)]
        for page in pages or raw_rows.pages(asked, behind)
        for row in page
    )
    return [cells.heading(column) for column in columns], lines


@dataclass(frozen=True)
class Plan:
    """What is downloaded; ``rows``: how many, counted no farther than just above the most."""

    headings: list[str]
    lines: Iterable[list[Any]]
    rows: int

    @property
    def is_long(self) -> bool:
        """Whether it takes longer than somebody waits for an answer."""
        return self.rows > MOST_AT_ONCE


def plan(asked: Asked, behind: Behind | None) -> Plan:
    """Return the groups or, of a report that lists and behind a figure, the raw rows.

    Their number is what the trail tells before the first is sent: what comes in meanwhile waits for
    the next download.
    """
    if not lists_rows(asked, behind):
        table = tables.make(asked)
        return Plan(*of_groups(table), len(table.rows))
    rows = raw_rows.count(asked, behind, MOST_AT_ONCE + 1)
    headings, lines = of_rows(asked, behind)
    return Plan(headings, islice(lines, rows), rows)


def lists_rows(asked: Asked, behind: Behind | None) -> bool:
    return behind is not None or asked.listed


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


def write(format: str, file: IO[bytes], headings: list[str], rows: Iterable[list[Any]]) -> None:
    """Write what :func:`download` would send."""
    if format == "xlsx":
        exports.write_workbook(file, headings, rows)
        return
    pieces = _json(headings, rows) if format == "json" else exports.csv_pieces(headings, rows)
    for piece in pieces:
        file.write(piece.encode())


def _written(cell: Any) -> Any:
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell
