"""Reports: their home, each of them, the rows behind a figure, and their downloads."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, ValidationError

from portal import choices, htmx, languages
from portal.access.guard import guard, require
from portal.access.permissions import Permission
from portal.audit import trail
from portal.errors import RefusedError
from portal.reports import asked as asking
from portal.reports import cells, downloads, drawing, places, queries, raw_rows, registry, tables
from portal.reports.asked import Asked, Behind
from portal.reports.kept import addresses, recent
from portal.reports.kept import queries as kept
from portal.reports.kept.times import EVERY
from portal.reports.registry import REPORTS
from portal.reports.terms import Report

bp = Blueprint("reports", __name__, url_prefix="/reports")
GROUPS_A_PAGE, ROWS_A_PAGE = 100, 50


class ReportConverter(BaseConverter):
    """``<report:report>`` in a route: its name in the address, the report in the view."""

    def to_python(self, value: str) -> Report:
        if value not in REPORTS:
            raise ValidationError
        return REPORTS[value]

    def to_url(self, value: Any) -> str:
        return value.name if isinstance(value, Report) else str(value)


@bp.record_once
def _converter(state: Any) -> None:
    state.app.url_map.converters["report"] = ReportConverter


@bp.get("")
@guard(Permission.VIEW_REPORTS)
def index() -> Any:
    return htmx.render("reports/index.html", **home())


def home() -> dict[str, Any]:
    """Return what the home of reports shows: what one keeps, and all sections."""
    return {
        "reports": registry.offered(),
        "parts": registry.SECTIONS,
        "by_name": REPORTS,
        "favourites": kept.favourites(),
        "recent": recent.opened(),
        "saved": kept.saved(),
        "subscriptions": kept.subscriptions(),
        "addresses": addresses,
        "every": EVERY,
    }


@bp.get("/<report:report>")
@guard(Permission.VIEW_REPORTS)
def show(report: Report) -> Any:
    try:
        asked = asked_of(report)
    except RefusedError as error:
        return refused(report, error)
    if asked.listed and "before" in request.args and htmx.wants_fragment():
        return htmx.render("reports/_rows.html", **_rows(asked, None))
    page = htmx.render("reports/show.html", "reports/_report.html", **_page(asked), **_kept(report))
    return recent.remember(page, report)


def _kept(report: Report) -> dict[str, Any]:
    return {
        "filter": addresses.written(request.args),
        "plain": addresses.plain(report, request.args),
        "addresses": addresses,
        "saved": kept.saved(report),
        "favourite": report.name in kept.favourites(),
    }


@bp.get("/<report:report>/print")
@guard(Permission.VIEW_REPORTS)
def sheet(report: Report) -> Any:
    """All groups on one page, for paper."""
    try:
        asked = asked_of(report)
    except RefusedError as error:
        return refused(report, error)
    return htmx.render("reports/print.html", **_page(asked, whole=True))


@bp.get("/<report:report>/rows")
@guard(Permission.VIEW_REPORTS)
def rows(report: Report) -> Any:
    """The raw rows behind one figure."""
    try:
        asked, behind = behind_of(asked_of(report))
    except RefusedError as error:
        return refused(report, error)
    if "before" in request.args and htmx.wants_fragment():
        return htmx.render("reports/_rows.html", **_rows(asked, behind))
    table = tables.make(asked, behind=behind)
    labels = [
        tables.names(one, [key])[key] for one, key in zip(asked.by, behind.keys, strict=False)
    ]
    return htmx.render(
        "reports/behind.html",
        table=table,
        measure=behind.measure,
        labels=labels,
        **_rows(asked, behind),
    )


@bp.get("/<report:report>/choices/<lane>")
@guard(Permission.VIEW_REPORTS)
def options(report: Report, lane: str) -> Any:
    """The choices of one filter that have the words searched for."""
    models = _models(report)
    if lane not in models:
        abort(404)
    arguments = MultiDict(request.args)
    text = arguments.pop("seek", "")[:200]
    try:
        asked = asked_of(report, arguments)
    except RefusedError as error:
        return refused(report, error)
    option = choices.offered(lane, models[lane], asked.chosen.get(lane, ()), text)
    one = next(one for one in asking.filters_of(report) if one.name == lane)
    home = url_for(".show", report=report)
    given: dict[str, Any] = arguments.to_dict(flat=False)
    back = url_for(".show", report=report, **given)
    around = {"heading": one.label, "home": home, "home_label": report.label, "back": back}
    return htmx.render("choices.html", "_choices.html", option=option, **around)


@bp.get("/<report:report>/export.<any(csv, xlsx, json):format>")
@guard(Permission.VIEW_REPORTS, Permission.EXPORT)
def export(report: Report, format: str) -> Any:
    """The groups or raw rows as a file; of very many a page that offers to make it meanwhile."""
    try:
        asked, behind = asked_of(report), None
        if "measure" in request.args:
            asked, behind = behind_of(asked)
    except RefusedError as error:
        return refused(report, error)
    plan = downloads.plan(asked, behind)
    if plan.is_long:
        return htmx.render("reports/long.html", report=report, format=format)
    name = downloads.name_of(asked)
    trail.record("exported", **downloads.told(f"{name}.{format}", request.args, plan.rows))
    return downloads.download(format, name, plan.headings, plan.lines)


def asked_of(report: Report, arguments: MultiDict[str, str] | None = None) -> Asked:
    """Return what the address asks for; 404 for what the viewer does not see."""
    for permission in report.permissions:
        require(permission)
    given = request.args if arguments is None else arguments
    asked = asking.read(report, given, timezone=languages.timezone())
    for one, values in asked.filters:
        if one.model is not None and len(queries.names_of(one.model, set(values))) < len(values):
            abort(404)
    return asked


def behind_of(asked: Asked) -> tuple[Asked, Behind]:
    """Return the figure that the address names; 404 for a row of what the viewer does not see."""
    asked, behind = asking.behind(asked, request.args)
    for one, key in zip(asked.by, behind.keys, strict=False):
        if key not in tables.names(one, [key]):
            abort(404)
    return asked, behind


def _models(report: Report) -> dict[str, Any]:
    return {one.name: one.model for one in asking.filters_of(report) if one.model is not None}


def _page(asked: Asked, *, whole: bool = False) -> dict[str, Any]:
    """Return what a report's page shows; ``whole``: all groups instead of a page of them."""
    table = tables.make(asked, compare=asked.compare)
    first = 0 if whole else (asked.page - 1) * GROUPS_A_PAGE
    last = len(table.rows) if whole else first + GROUPS_A_PAGE
    return {
        "table": table,
        "shown": table.rows[first:last],
        "more": last < len(table.rows),
        "drawing": drawing.draw(table),
        "filters": asking.filters_of(asked.report),
        "options": choices.first_of_all(_models(asked.report), asked.chosen),
        "seen": queries.projects_seen(asked),
        **_rows(asked, None),
    }


def _rows(asked: Asked, behind: Behind | None) -> dict[str, Any]:
    """Return a page of raw rows, of what shows any."""
    around = {"asked": asked, "report": asked.report, "cells": cells}
    if behind is None and not asked.listed:
        return around
    before = places.read(asked.report.fact, request.args.get("before"))
    found = raw_rows.page(asked, behind, before, ROWS_A_PAGE + 1)
    rows = found[:ROWS_A_PAGE]
    older = places.written(asked.report.fact, rows[-1]) if len(found) > ROWS_A_PAGE else None
    return {**around, "rows": rows, "older": older}


def refused(report: Report, error: RefusedError) -> Any:
    return htmx.render(
        "reports/refused.html", "reports/_refused.html", status=422, report=report, error=error
    )
