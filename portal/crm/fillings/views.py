"""Filling in a form, page by page; and a filled-in form as it is read afterwards."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard, require
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.models import Visit
from portal.crm.fillings import operations, queries
from portal.crm.fillings.models import COMPLETE, FormFilling
from portal.crm.fillings.operations import UnfinishedError
from portal.crm.models import Case, Contact
from portal.database import utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.objects.kinds.form import CrmForm
from portal.objects.kinds.form import answers as given
from portal.objects.kinds.form.check import page_name
from portal.objects.kinds.form.content import Form, Page

bp = Blueprint("fillings", __name__, url_prefix="/fillings")


@bp.post("/contact/<uuid:contact_id>/<uuid:form_id>")
@guard(Permission.EDIT_CONTACTS, contact=Contact, form=CrmForm)
def begin_on_contact(contact: Contact, form: CrmForm) -> Any:
    return _begin(form, contact)


@bp.post("/case/<uuid:case_id>/<uuid:form_id>")
@guard(Permission.EDIT_CONTACTS, case=Case, form=CrmForm)
def begin_on_case(case: Case, form: CrmForm) -> Any:
    return _begin(form, case)


@bp.post("/call/<uuid:visit_id>/<uuid:form_id>")
@guard(Permission.EDIT_CONTACTS, Permission.VIEW_CALLS, visit=Visit, form=CrmForm)
def begin_on_call(visit: Visit, form: CrmForm) -> Any:
    return _begin(form, visit)


@bp.get("/<uuid:filling_id>")
@guard(Permission.VIEW_CONTACTS, filling=FormFilling)
def show(filling: FormFilling) -> Any:
    """Show a page of the form; where nothing more can be typed, all that was answered."""
    content = _content(filling)
    page = content.page(request.args.get("page", ""))
    if filling.status == COMPLETE or not can(Permission.EDIT_CONTACTS) or "end" in request.args:
        return _answers(filling, content)
    return _page(filling, content, page or content.pages[0])


@bp.post("/<uuid:filling_id>/keep")
@guard(Permission.EDIT_CONTACTS, filling=FormFilling)
def keep(filling: FormFilling) -> Any:
    """Keep what was just typed; what cannot be read is told, and the rest is kept."""
    content = _content(filling)
    page = _asked(content)
    try:
        wrong = _keep(filling, content, page)
    except ConflictError as error:
        if htmx.wants_fragment():
            return _kept(error.message, bad=True, status=409)
        return _answers(filling, content, error.message, status=409)
    if not htmx.wants_fragment():
        return _lead(filling, page)
    if wrong:
        names = [one.text for _page, one in content.questions() if one.id in wrong]
        return _kept(_("Not kept yet: %(names)s", names=", ".join(names)), bad=True)
    return _kept("")


@bp.post("/<uuid:filling_id>")
@guard(Permission.EDIT_CONTACTS, filling=FormFilling)
def go_on(filling: FormFilling) -> Any:
    """Keep the answers of a page and go where they lead."""
    content = _content(filling)
    page = _asked(content)
    try:
        wrong = _keep(filling, content, page)
    except ConflictError as error:
        return _answers(filling, content, error.message, status=409)
    answers = queries.answers_of(filling)
    if "back" in request.form:
        return _lead(filling, _before(content, page, answers))
    for _place, question in given.missing([page], answers):
        wrong.setdefault(question.id, _("This is needed."))
    if wrong:
        return _page(filling, content, page, wrong)
    return _lead(filling, given.following(content, page, answers))


@bp.post("/<uuid:filling_id>/finish")
@guard(Permission.EDIT_CONTACTS, filling=FormFilling)
def finish(filling: FormFilling) -> Any:
    content = _content(filling)
    try:
        operations.finish(filling, actor=g.actor)
    except UnfinishedError as error:
        return _answers(filling, content, error.message, error.faults, status=422)
    except ConflictError as error:
        return _answers(filling, content, error.message, status=409)
    name = queries.form_of(queries.version_of(filling)).name
    return htmx.see_other(_home(filling), toast=_("%(name)s is filled in.", name=name))


@bp.post("/<uuid:filling_id>/delete")
@guard(Permission.EDIT_CONTACTS, filling=FormFilling)
def delete(filling: FormFilling) -> Any:
    if filling.status == COMPLETE:
        require(Permission.DELETE_CONTACTS)
    home = _home(filling)
    operations.remove(filling)
    return htmx.see_other(home, toast=_("The filled-in form is deleted."))


def _begin(form: CrmForm, about: Contact | Case | Visit) -> Any:
    try:
        filling = operations.begin(form, about, actor=g.actor)
    except RefusedError as error:
        home = _page_of(about)
        return htmx.render(
            "crm/fillings/refused.html", status=422, problem=error.message, home=home
        )
    return htmx.see_other(url_for(".show", filling_id=filling.id))


def _content(filling: FormFilling) -> Form:
    return queries.content_of(queries.version_of(filling))


def _asked(content: Form) -> Page:
    """Return the page that was sent; the first one, if the address names none."""
    return content.page(request.values.get("page", "")) or content.pages[0]


def _keep(filling: FormFilling, content: Form, page: Page) -> dict[str, str]:
    """Keep the answers of a page; return what is wrong with the others, by question.

    Where an answer is hidden from the viewer, an empty input says nothing.
    """
    sent = given.typed(page.questions, request.form)
    sight = queries.sight_of(content)
    told = [one for one in page.questions if sent[one.id] or not sight.hides(one)]
    kept, wrong = given.readable(told, sent)
    operations.keep(filling, kept, content)
    return wrong


def _before(content: Form, page: Page, answers: given.Answers) -> Page:
    """Return the page that led to this one."""
    way = given.path(content, answers)
    place = next((number for number, one in enumerate(way) if one.id == page.id), 0)
    return way[max(place - 1, 0)]


def _lead(filling: FormFilling, page: Page | None) -> Any:
    where = {"page": page.id} if page else {"end": 1}
    return htmx.see_other(url_for(".show", filling_id=filling.id, **where))


def _kept(problem: str, *, bad: bool = False, status: int = 200) -> Any:
    page = "crm/fillings/_kept.html"
    return htmx.render(page, page, status=status, problem=problem, bad=bad, at=utcnow())


def _page(
    filling: FormFilling, content: Form, page: Page, wrong: dict[str, str] | None = None
) -> Any:
    answers = queries.answers_of(filling)
    sight = queries.sight_of(content)
    sent = given.typed(page.questions, request.form)
    shown = {one.id: [] if sight.hides(one) else answers.get(one.id, []) for one in page.questions}
    way = given.path(content, answers)
    return htmx.render(
        "crm/fillings/fill.html",
        status=422 if wrong else 200,
        **_about(filling),
        content=content,
        at=page,
        first=page.id == content.pages[0].id,
        step=next((number for number, one in enumerate(way, 1) if one.id == page.id), None),
        answers={**shown, **{key: sent[key] for key in wrong or ()}},
        hidden=[one.id for one in page.questions if sight.hides(one) and answers.get(one.id)],
        wrong=wrong or {},
        page_name=page_name,
    )


def _answers(
    filling: FormFilling,
    content: Form,
    problem: str = "",
    faults: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Any:
    answers = queries.answers_of(filling)
    return htmx.render(
        "crm/fillings/answers.html",
        status=status,
        **_about(filling),
        content=content,
        pages=given.path(content, answers),
        answers=answers,
        sight=queries.sight_of(content),
        problem=problem,
        faults=faults or {},
        page_name=page_name,
    )


def _about(filling: FormFilling) -> dict[str, Any]:
    """Return what stands above every page of a filling: the form, and what it is about."""
    version = queries.version_of(filling)
    key = (filling.company_id, filling.contact_id)
    contact = db.session.get(Contact, key) if filling.contact_id else None
    return {
        "filling": filling,
        "version": version,
        "form": queries.form_of(version),
        "contact": contact,
        "home": _home(filling),
        "is_open": filling.status != COMPLETE,
    }


def _home(filling: FormFilling) -> str:
    """Return the page of what a form was filled in on."""
    if filling.case_id:
        return url_for("cases.show", case_id=filling.case_id)
    if filling.visit_id:
        return url_for("calls.show", visit_id=filling.visit_id)
    return url_for("contacts.show", contact_id=filling.contact_id)


def _page_of(about: Contact | Case | Visit) -> str:
    match about:
        case Contact():
            return url_for("contacts.show", contact_id=about.id)
        case Case():
            return url_for("cases.show", case_id=about.id)
    return url_for("calls.show", visit_id=about.id)
