"""The call log, a call's own page, and their exports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from portal import exports, htmx, keyset, languages
from portal.access.guard import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import trail
from portal.calls import pulse
from portal.calls.log import course, filters, numbers, options, queries, table, words
from portal.calls.models import Visit
from portal.crm.cases import queries as cases
from portal.crm.contacts import queries as contacts
from portal.crm.fillings import queries as fillings
from portal.crm.fillings.models import FormFilling
from portal.database import utcnow
from portal.errors import RefusedError

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.app_template_filter("phone")
def _phone(number: str) -> str:
    return numbers.shown(number)


@bp.get("")
@guard(Permission.VIEW_CALLS)
def index() -> Any:
    try:
        chosen = _filters()
    except RefusedError as error:
        return _refused(error)
    rows, more = queries.page(chosen, keyset.read(request.args.get("before")))
    older = keyset.written(rows[-1].started_at, rows[-1].id) if more else None
    if "before" in request.args and htmx.wants_fragment():
        return htmx.render("calls/_rows.html", rows=rows, older=older, words=words)
    return htmx.render(
        "calls/index.html", "calls/_list.html", rows=rows, older=older, **_around(chosen)
    )


def _around(chosen: filters.Filters) -> dict[str, Any]:
    """Return what stands around the rows: figures, chart, and the choices of each filter."""
    columns, total = _figures(chosen)
    return {
        "filters": chosen,
        "columns": columns,
        "total": total,
        "options": options.for_filters(chosen),
        "words": words,
        "now": utcnow(),
        "mark": pulse.mark(),
    }


def _figures(chosen: filters.Filters) -> tuple[list[course.Column], queries.Figures]:
    """Return the course of the figures, where the roll-ups tell it, and their total."""
    if chosen.beyond_totals:
        return [], queries.counted(chosen)
    columns = course.columns(chosen, languages.zone())
    return columns, sum((column.figures for column in columns), queries.Figures())


@bp.get("/choices/<any(project, queue, dialer, operator):lane>")
@guard(Permission.VIEW_CALLS)
def choices(lane: str) -> Any:
    try:
        chosen = _filters()
    except RefusedError as error:
        return _refused(error)
    option = options.offered(lane, chosen, request.args.get("seek", "")[:200])
    given: dict[str, Any] = request.args.to_dict(flat=False)
    home, back = url_for(".index"), url_for(".index", **given)
    around = {"heading": words.LANES[lane], "home": home, "home_label": _("Call log"), "back": back}
    return htmx.render("choices.html", "_choices.html", option=option, **around)


@bp.get("/live")
@guard(Permission.VIEW_CALLS)
def live() -> Any:
    """Tell whether any call that one sees has changed since the ``mark`` that one has."""
    now = pulse.mark()
    if request.args.get("mark") == now:
        return Response(status=204)
    return Response(now, mimetype="text/plain")


@bp.get("/<uuid:visit_id>")
@guard(Permission.VIEW_CALLS, visit=Visit)
def show(visit: Visit) -> Any:
    visits = queries.of_call(visit)
    offers = queries.offers_of([row.id for row in visits])
    known = can(Permission.VIEW_CONTACTS)
    return htmx.render(
        "calls/show.html",
        visit=visit,
        visits=visits,
        offers=offers,
        stamps=queries.stamps_of([row.id for row in visits]) if _sees_rules() else {},
        words=words,
        contacts=contacts.of_call(visit.number) if known else None,
        cases=cases.of_call(visit.id) if known else [],
        filled_in=fillings.filled(FormFilling.visit_id, visit.id) if known else None,
        forms=fillings.offered([visit.project_id]) if known and visit.project_id else [],
    )


def _sees_rules() -> bool:
    """Tell whether the viewer may see by which rule a call was assigned: it can be a number."""
    return g.scope.sees_all and can(Permission.IMPORT_CALLS) and can(Permission.SEE_NUMBERS)


@bp.post("/<uuid:visit_id>/reveal")
@guard(Permission.VIEW_CALLS, Permission.REVEAL_NUMBERS, visit=Visit)
def reveal(visit: Visit) -> Any:
    trail.record(
        "revealed",
        kind="visit",
        object_id=visit.id,
        object_name=numbers.masked(visit.number),
        project_ids=[visit.project_id] if visit.project_id else [],
    )
    if not htmx.wants_fragment():
        return htmx.see_other(url_for(".show", visit_id=visit.id), toast=visit.number)
    return htmx.render("calls/_number.html", number=visit.number)


@bp.get("/export.<any(csv, xlsx):format>")
@guard(Permission.VIEW_CALLS, Permission.EXPORT)
def export(format: str) -> Any:
    try:
        chosen = _filters()
    except RefusedError as error:
        return _refused(error)
    name = f"calls-{chosen.period.first_day:%Y-%m-%d}-{chosen.period.last_day:%Y-%m-%d}"
    trail.record(
        "exported",
        kind="visit",
        object_name=f"{name}.{format}",
        detail={
            "filter": request.query_string.decode("ascii", "replace")[:2000],
            "rows": _figures(chosen)[1].visits,
        },
    )
    zone = languages.zone()
    lines = (table.line(row, zone) for row in queries.every_row(chosen))
    return exports.download(format, name, table.headings(), lines)


def _filters() -> filters.Filters:
    return filters.read(
        request.args,
        timezone=languages.timezone(),
        numbers_shown=can(Permission.SEE_NUMBERS),
    )


def _refused(error: RefusedError) -> Any:
    return htmx.render("calls/refused.html", "calls/_refused.html", status=422, error=error)
