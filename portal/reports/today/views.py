"""The day so far: of the projects of a supervisor, of the calls of an operator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from werkzeug.datastructures import MultiDict

from portal import htmx, languages
from portal.access.guard import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls import pulse
from portal.calls.log import filters, queries, words
from portal.reports import asked as asking
from portal.reports import cells, drawing, tables
from portal.reports.catalogue.kpi.projects import CALLS
from portal.reports.registry import REPORTS
from portal.reports.today.own import OWN

bp = Blueprint("today", __name__, url_prefix="/today")
NEWEST = 10


@bp.get("")
@guard(any_of=(Permission.VIEW_REPORTS, Permission.VIEW_CALLS))
def index() -> Any:
    page = _of_projects() if can(Permission.VIEW_REPORTS) else _of_oneself()
    return htmx.render(
        "today/index.html", "today/_figures.html", cells=cells, mark=pulse.mark(), **page
    )


def _of_projects() -> dict[str, Any]:
    projects = tables.make(_asked(CALLS))
    hours = tables.make(_asked(REPORTS["queue-summary"], by="hour"))
    around = {"table": projects, "report": projects.asked.report, "asked": projects.asked}
    return {**around, "drawing": drawing.draw(hours), "rows": []}


def _of_oneself() -> dict[str, Any]:
    mine = {"operator": str(g.actor.id)}
    table = tables.make(_asked(OWN, **mine))
    newest = filters.read(
        MultiDict({**mine, "period": "today"}),
        timezone=languages.timezone(),
        numbers_shown=can(Permission.SEE_NUMBERS),
    )
    rows, _more = queries.page(newest, None, NEWEST)
    around = {"table": table, "report": OWN, "asked": table.asked}
    return {**around, "drawing": drawing.draw(table), "rows": rows, "words": words, "older": None}


def _asked(report: Any, **arguments: str) -> asking.Asked:
    given = MultiDict({"period": "today", **arguments})
    return asking.read(report, given, timezone=languages.timezone())
