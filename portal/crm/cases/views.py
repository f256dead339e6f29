"""Cases: their list and board, a case's own page, its form, and exports."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import choices, exports, htmx, languages
from portal.access.guard import guard, load
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import feed, trail
from portal.calls.log import words
from portal.calls.models import Visit
from portal.crm import keys
from portal.crm.cases import forms, operations, queries
from portal.crm.cases.forms import STATUS_LABELS
from portal.crm.contacts import queries as contacts
from portal.crm.fillings import queries as fillings
from portal.crm.fillings.models import FormFilling
from portal.crm.models import Case, Contact
from portal.digits import whole
from portal.errors import ConflictError, RefusedError
from portal.extensions import db

bp = Blueprint("cases", __name__, url_prefix="/cases")


@bp.get("")
@guard(Permission.VIEW_CONTACTS)
def index() -> Any:
    filters = forms.filters_from(request.args)
    key = keys.read(request.args.get("before"))
    rows, more = queries.page(filters, key[1] if key else None)
    older = keys.write(rows[-1].case.id) if more else None
    context = {"rows": rows, "older": older, **_around(filters)}
    if "before" in request.args and htmx.wants_fragment():
        return htmx.render("crm/cases/_rows.html", **context)
    total = queries.total(filters) if more or key else len(rows)
    return htmx.render("crm/cases/index.html", "crm/cases/_list.html", total=total, **context)


@bp.get("/board")
@guard(Permission.VIEW_CONTACTS)
def board() -> Any:
    filters = forms.filters_from(request.args)
    columns = queries.board(filters)
    return htmx.render(
        "crm/cases/board.html", "crm/cases/_board.html", columns=columns, **_around(filters)
    )


@bp.get("/export.<any(csv, xlsx):format>")
@guard(Permission.VIEW_CONTACTS, Permission.EXPORT)
def export(format: str) -> Any:
    filters = forms.filters_from(request.args)
    name = f"cases.{format}"
    detail = {"filter": filters.text, "rows": queries.total(filters)}
    trail.record("exported", kind="case", object_name=name, detail=detail)
    walled, zone = g.identity.company.walled, languages.zone()
    headings = [_("Case"), _("Contact"), *([_("Project")] if walled else []), _("Status")]
    headings += [_("Owner"), _("Due"), _("Opened")]
    return exports.download(format, "cases", headings, _lines(filters, walled, zone))


@bp.route("/of/<uuid:contact_id>/new", methods=["GET", "POST"])
@guard(Permission.EDIT_CONTACTS, contact=Contact)
def create(contact: Contact) -> Any:
    ids = contacts.projects_of(contact)
    projects = [project for project in choices.projects() if project.id in ids]
    visit = _call()
    form = forms.new_form(contact, projects, _people(projects))
    if not form.is_submitted() and visit is not None:
        form.call.data = str(visit.id)
        if visit.project_id in ids:
            form.project.data = str(visit.project_id)
    if form.validate_on_submit():
        try:
            project_id = uuid.UUID(form.project.data)
            settings = form.settings()
            case = operations.create(contact, project_id, settings, actor=g.actor, visit=visit)
            toast = _("%(name)s opened.", name=case.name)
            return htmx.see_other(url_for(".show", case_id=case.id), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return htmx.render(
        "crm/cases/form.html",
        form=form,
        contact=contact,
        case=None,
        theirs=None,
    )


@bp.get("/<uuid:case_id>")
@guard(Permission.VIEW_CONTACTS, case=Case)
def show(case: Case) -> Any:
    return htmx.render("crm/cases/show.html", **_page(case))


@bp.route("/<uuid:case_id>/edit", methods=["GET", "POST"])
@guard(Permission.EDIT_CONTACTS, case=Case)
def edit(case: Case) -> Any:
    people = queries.owners_for([case.project_id], case.owner_id, g.actor)
    form = forms.edit_form(case, people)
    theirs = None
    if form.validate_on_submit():
        try:
            operations.edit(case, form.settings(), version=form.version.data or 0)
            toast = _("%(name)s saved.", name=case.name)
            return htmx.see_other(url_for(".show", case_id=case.id), toast=toast)
        except ConflictError as error:
            theirs = error.theirs
    status = 409 if theirs else 0
    return htmx.render(
        "crm/cases/form.html", status=status, form=form, case=case, contact=None, theirs=theirs
    )


@bp.post("/<uuid:case_id>/status")
@guard(Permission.EDIT_CONTACTS, case=Case)
def move(case: Case) -> Any:
    """Move a case to another column; asked from the board one goes back there."""
    version = whole(request.form.get("version", ""), 15) or 0
    try:
        operations.move(case, request.form.get("status", ""), version=version)
    except RefusedError as error:
        status = 409 if isinstance(error, ConflictError) else 422
        context = {**_page(case), "problem": error.message}
        return htmx.render("crm/cases/show.html", status=status, **context)
    label = STATUS_LABELS[case.status]
    toast = _("%(name)s: %(status)s", name=case.name, status=label)
    back = url_for(".board", **_kept()) if "board" in request.form else None
    return htmx.see_other(back or url_for(".show", case_id=case.id), toast=toast)


@bp.post("/<uuid:case_id>/calls/<uuid:visit_id>")
@guard(Permission.EDIT_CONTACTS, Permission.VIEW_CALLS, case=Case, visit=Visit)
def put_call(case: Case, visit: Visit) -> Any:
    operations.link(case, visit)
    return htmx.see_other(url_for(".show", case_id=case.id))


@bp.post("/<uuid:case_id>/calls/<uuid:visit_id>/remove")
@guard(Permission.EDIT_CONTACTS, Permission.VIEW_CALLS, case=Case, visit=Visit)
def take_call_off(case: Case, visit: Visit) -> Any:
    operations.unlink(case, visit)
    return htmx.see_other(url_for(".show", case_id=case.id))


@bp.post("/<uuid:case_id>/delete")
@guard(Permission.DELETE_CONTACTS, case=Case)
def delete(case: Case) -> Any:
    name = case.name
    operations.remove(case)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s deleted.", name=name))


def _around(filters: queries.Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "labels": STATUS_LABELS,
        "project_choices": [
            (p.id, p.name, p.id == filters.project_id) for p in choices.projects(archived=True)
        ],
    }


def _lines(filters: queries.Filters, walled: bool, zone: ZoneInfo) -> Any:
    for row in queries.every_row(filters):
        case = row.case
        opened = case.created_at.astimezone(zone).replace(tzinfo=None)
        due = case.due.isoformat() if case.due else ""
        places = [row.project] if walled else []
        status = str(STATUS_LABELS[case.status])
        yield [case.name, row.contact, *places, status, row.owner, due, opened]


def _page(case: Case) -> dict[str, Any]:
    """Return what a case's own page shows."""
    contact = db.session.get(Contact, (case.company_id, case.contact_id))
    seen = can(Permission.VIEW_CALLS)
    linked = queries.calls_of(case) if seen else []
    return {
        "case": case,
        "row": queries.rows([case])[0],
        "contact": contact,
        "labels": STATUS_LABELS,
        "linked": linked,
        "further": queries.further_calls(case, contact, linked) if seen else [],
        "history": [feed.alone(entry) for entry in queries.history(case)],
        "filled_in": fillings.filled(FormFilling.case_id, case.id),
        "forms": fillings.offered([case.project_id]),
        "words": words,
        "problem": None,
    }


def _people(projects: list[choices.Named]) -> Any:
    return queries.owners_for([project.id for project in projects], None, g.actor)


def _call() -> Visit | None:
    named = request.values.get("call", "")
    if not named or not can(Permission.VIEW_CALLS):
        return None
    visit: Visit = load(Visit, keys.identifier(named) or uuid.UUID(int=0))
    return visit


def _kept() -> dict[str, Any]:
    """Return the filters of the board that a card was moved on."""
    kept = ("q", "project", "owner", "due")
    return {name: request.form[name] for name in kept if request.form.get(name)}
