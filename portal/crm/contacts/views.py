"""The list of contacts, a contact's own page, its form, and exports."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import choices, exports, htmx
from portal.access.guard import guard, load
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import trail
from portal.calls.log import numbers, words
from portal.calls.log import queries as calls
from portal.calls.models import Visit
from portal.company.queries import default_project
from portal.crm import fields, keys, phones
from portal.crm.cases import queries as cases
from portal.crm.contacts import forms, operations, queries
from portal.crm.contacts.operations import SameNumberError
from portal.crm.fillings import queries as fillings
from portal.crm.fillings.models import FormFilling
from portal.crm.models import Contact
from portal.errors import ConflictError, RefusedError
from portal.projects.models import Project
from portal.projects.queries import by_ids

bp = Blueprint("contacts", __name__, url_prefix="/contacts")
MOST_CALLS = 20


@bp.app_template_filter("searchable")
def _searchable(field: Any) -> bool:
    return fields.searchable(field)


@bp.app_template_filter("value_shown")
def _value_shown(field: Any, value: str) -> str:
    return fields.shown(field, value)


@bp.get("")
@guard(Permission.VIEW_CONTACTS)
def index() -> Any:
    fragment = "crm/contacts/_rows.html" if "after" in request.args else "crm/contacts/_list.html"
    return htmx.render("crm/contacts/index.html", fragment, **_list())


@bp.get("/export.<any(csv, xlsx):format>")
@guard(Permission.VIEW_CONTACTS, Permission.EXPORT)
def export(format: str) -> Any:
    """Download the list as it is shown: the same contacts, the same columns."""
    filters = forms.filters_from(request.args)
    name = f"contacts.{format}"
    detail = {"filter": filters.text, "rows": queries.total(filters)}
    trail.record("exported", kind="contact", object_name=name, detail=detail)
    walled = g.identity.company.walled
    headings = [_("Name"), _("Phone"), *(column.name for column in filters.columns)]
    headings += [*([_("Projects")] if walled else []), _("Open cases")]
    return exports.download(format, "contacts", headings, _lines(filters, walled))


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.EDIT_CONTACTS)
def create() -> Any:
    projects = _projects()
    form = forms.form_for(None, projects, request.form or request.args)
    visit = _call(form)
    if form.validate_on_submit():
        try:
            form.refuse_forged(request.form)
            phone = _phone(form, visit)
            contact = operations.create(
                form.name.data,
                phone,
                form.values(),
                _chosen(form, projects),
                actor=g.actor,
                knowing=form.knowing.data or "",
            )
            toast = _("%(name)s created.", name=contact.name)
            return htmx.see_other(url_for(".show", contact_id=contact.id), toast=toast)
        except SameNumberError as error:
            return _form(form, None, same=error.contacts, number=phones.compared(phone))
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None)


@bp.get("/<uuid:contact_id>")
@guard(Permission.VIEW_CONTACTS, contact=Contact)
def show(contact: Contact) -> Any:
    return htmx.render("crm/contacts/show.html", **_page(contact))


@bp.route("/<uuid:contact_id>/edit", methods=["GET", "POST"])
@guard(Permission.EDIT_CONTACTS, contact=Contact)
def edit(contact: Contact) -> Any:
    projects = _projects()
    form = forms.form_for(contact, projects, request.form)
    if form.validate_on_submit():
        try:
            form.refuse_forged(request.form)
            operations.edit(
                contact,
                form.name.data,
                form.phone.data if "phone" in form else None,
                form.values(),
                _chosen(form, projects) if "projects" in form else None,
                state=form.state.data or "",
                knowing=form.knowing.data or "",
            )
            toast = _("%(name)s saved.", name=contact.name)
            return htmx.see_other(_after(contact), toast=toast)
        except SameNumberError as error:
            key = phones.compared(form.phone.data)
            return _form(form, contact, same=error.contacts, number=key)
        except ConflictError:
            return _form(form, contact, status=409, changed=True)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, contact)


@bp.post("/<uuid:contact_id>/delete")
@guard(Permission.DELETE_CONTACTS, contact=Contact)
def delete(contact: Contact) -> Any:
    name = contact.name
    try:
        operations.remove(contact)
    except RefusedError as error:
        page = {**_page(contact), "problem": error.message}
        return htmx.render("crm/contacts/show.html", status=422, **page)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s deleted.", name=name))


@bp.post("/<uuid:contact_id>/reveal")
@guard(Permission.VIEW_CONTACTS, Permission.REVEAL_NUMBERS, contact=Contact)
def reveal(contact: Contact) -> Any:
    trail.record(
        "revealed",
        kind="contact",
        object_id=contact.id,
        object_name=numbers.masked(contact.phone),
        project_ids=queries.projects_of(contact),
    )
    if not htmx.wants_fragment():
        return htmx.see_other(url_for(".show", contact_id=contact.id), toast=contact.phone)
    return htmx.render("calls/_number.html", number=contact.phone)


def _list() -> dict[str, Any]:
    """Return what the list shows under the filters in the address."""
    filters = forms.filters_from(request.args)
    after = keys.read(request.args.get("after"))
    rows, more = queries.page(filters, after)
    last = rows[-1].contact if more else None
    return {
        "filters": filters,
        "rows": rows,
        "next_key": keys.write(last.id, last.search_key) if last else None,
        "total": queries.total(filters) if more or after else len(rows),
        "project_choices": [
            (p.id, p.name, p.id == filters.project_id) for p in choices.projects(archived=True)
        ],
    }


def _lines(filters: queries.Filters, walled: bool) -> Any:
    for row in queries.every_row(filters):
        own = [row.shown(column) for column in filters.columns]
        places = [", ".join(row.projects)] if walled else []
        yield [row.contact.name, numbers.shown(row.contact.phone), *own, *places, row.cases]


def _page(contact: Contact) -> dict[str, Any]:
    """Return what a contact's own page shows."""
    own = queries.fields_of(contact)
    seen = can(Permission.VIEW_CALLS)
    writings = phones.writings(contact.phone_key)
    return {
        "contact": contact,
        "own": own,
        "projects": queries.project_names([contact.id]).get(contact.id, []),
        "cases": cases.of_contact(contact),
        "calls": calls.of_number(writings, MOST_CALLS) if seen else None,
        "same": queries.with_number(contact.phone_key, besides=contact.id),
        "filled_in": fillings.filled(FormFilling.contact_id, contact.id),
        "forms": fillings.offered(queries.projects_of(contact)),
        "words": words,
        "problem": None,
    }


def _form(
    form: forms.ContactForm,
    contact: Contact | None,
    *,
    status: int = 0,
    same: Any = (),
    number: str = "",
    changed: bool = False,
) -> Any:
    """Show the form in its drawer, over the contact's page or over the list."""
    below = {} if htmx.wants_fragment() else _page(contact) if contact else _list()
    page = "crm/contacts/edit.html" if contact else "crm/contacts/new.html"
    return htmx.render(
        page,
        "crm/contacts/_form.html",
        status=status or (422 if same else 0),
        **{
            **below,
            "form": form,
            "contact": contact,
            "same": same,
            "number": number,
            "changed": changed,
            "state": queries.state_of(contact) if contact else "",
        },
    )


def _projects() -> choices.Offered:
    return {str(project.id): project for project in choices.projects()}


def _chosen(form: forms.ContactForm, projects: choices.Offered) -> list[Project]:
    """Return the projects that the form names; in simple mode the one that everything is in."""
    if "projects" in form:
        return by_ids(projects[key].id for key in form.projects.data or [])
    return [default_project()]


def _call(form: forms.ContactForm) -> Visit | None:
    """Return the call that a new contact was made from, and fill in what it tells."""
    named = request.values.get("call", "")
    if not named or not can(Permission.VIEW_CALLS):
        return None
    visit: Visit = load(Visit, keys.identifier(named) or uuid.UUID(int=0))
    if not form.is_submitted():
        form.call.data = named
        form.name.data = visit.caller_name
        form.phone.data = numbers.shown(visit.number)
    return visit


def _phone(form: forms.ContactForm, visit: Visit | None) -> str:
    """Return the number: of the call, where the form shows it masked."""
    text = form.phone.data or ""
    return visit.number if visit and text == numbers.shown(visit.number) else text


def _after(contact: Contact) -> str:
    """Return where to go on: the contact may just have left one's projects."""
    seen = g.scope.sees_all or queries.projects_of(contact)
    return url_for(".show", contact_id=contact.id) if seen else url_for(".index")
