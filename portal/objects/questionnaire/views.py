"""The draft of a form: its pages and questions, each edited on a page of its own; and a dry run."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard, require
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.objects.kinds.form import KIND, CrmForm
from portal.objects.kinds.form import answers as given
from portal.objects.kinds.form.check import TYPE_LABELS, check, fields_for, page_name, said, way
from portal.objects.kinds.form.content import TYPES, Form, Question, new_id
from portal.objects.questionnaire import editing, forms
from portal.objects.versions import operations, queries
from portal.objects.versions.views import state_from

bp = Blueprint("questionnaire", __name__, url_prefix="/objects/forms/<uuid:form_id>/draft")
PAGE = "/pages/<string(maxlength=12):page>"
WAYS = ("up", "down", "remove")


@bp.get("")
@guard(Permission.VIEW_OBJECTS, form=CrmForm)
def show(form: CrmForm) -> Any:
    return _outline(form)


@bp.post("/arrange")
@guard(Permission.MANAGE_OBJECTS, form=CrmForm)
def arrange(form: CrmForm) -> Any:
    """Add a page, or move or remove a page or a question: ``do`` is 'page' or 'up:its id'."""
    content = _draft(form)
    what, _colon, identifier = request.form.get("do", "").partition(":")
    try:
        if what in WAYS:
            content = editing.arranged(content, what, identifier)
        elif what == "page":
            content, _page = editing.with_new_page(content)
        _save(form, content, state_from(request.form))
    except ConflictError as error:
        return _outline(form, error.message, status=409)
    except RefusedError as error:
        return _outline(form, error.message, status=422)
    if htmx.wants_fragment():
        return _outline(form)
    return htmx.see_other(url_for(".show", form_id=form.id, _anchor="outline"))


@bp.route(PAGE, methods=["GET", "POST"])
@guard(Permission.VIEW_OBJECTS, form=CrmForm)
def edit_page(form: CrmForm, page: str) -> Any:
    content = _draft(form)
    found = content.page(page) or abort(404)
    made = forms.page_form(content, found)
    if request.method == "POST":
        require(Permission.MANAGE_OBJECTS)
    status = 0
    if made.validate_on_submit():
        try:
            _save(form, content.with_page(made.page(found)), made.state.data or 0)
            return _back(form, found.id)
        except ConflictError as error:
            made.refuse(error)
            status = 409
    return _form("questionnaire/page.html", form, made, status, name=page_name(content, found))


@bp.route(
    "/pages/<string(maxlength=12):page>/new/<any({}):type>".format(", ".join(TYPES)),
    methods=["GET", "POST"],
)
@guard(Permission.MANAGE_OBJECTS, form=CrmForm)
def create(form: CrmForm, page: str, type: str) -> Any:
    content = _draft(form)
    found = content.page(page) or abort(404)
    blank = Question(new_id(), type, "")
    made = forms.question_form(content, found, blank, fields_for(form.project_id, type))
    status = 0
    if made.validate_on_submit():
        try:
            target = content.page(made.page.data) or found
            content = editing.with_question(content, target, made.question())
            _save(form, content, made.state.data or 0)
            return _back(form, blank.id)
        except ConflictError as error:
            made.refuse(error)
            status = 409
        except RefusedError as error:
            made.refuse(error)
    return _form("questionnaire/question.html", form, made, status, question=None, type=type)


@bp.route("/questions/<string(maxlength=12):question>", methods=["GET", "POST"])
@guard(Permission.VIEW_OBJECTS, form=CrmForm)
def edit(form: CrmForm, question: str) -> Any:
    content = _draft(form)
    page, found = content.question(question) or abort(404)
    made = forms.question_form(content, page, found, fields_for(form.project_id, found.type))
    if request.method == "POST":
        require(Permission.MANAGE_OBJECTS)
    status = 0
    if made.validate_on_submit():
        try:
            content = editing.with_changed(content, made.question())
            target = content.page(made.page.data)
            if target is not None and target.id != page.id:
                content = editing.moved(content, made.question(), target)
            _save(form, content, made.state.data or 0)
            return _back(form, found.id)
        except ConflictError as error:
            made.refuse(error)
            status = 409
        except RefusedError as error:
            made.refuse(error)
    page_of = "questionnaire/question.html"
    return _form(page_of, form, made, status, question=found, type=found.type)


@bp.route("/try", methods=["GET", "POST"])
@guard(Permission.VIEW_OBJECTS, form=CrmForm)
def dry_run(form: CrmForm) -> Any:
    """Walk the draft with its jumps; the page itself carries the answers, nothing is kept."""
    content = _draft(form)
    every = [question for _page, question in content.questions()]
    sent = given.typed(every, request.form)
    answers, wrong = given.readable(every, sent)
    way_there = given.path(content, answers)
    page = content.page(request.form.get("at", "")) or (way_there[0] if way_there else None)
    ended = False
    if page is not None and request.method == "POST":
        own = {one.id for one in page.questions}
        faults = {key: fault for key, fault in wrong.items() if key in own}
        for _page, question in given.missing([page], {**sent}):
            faults[question.id] = _("This is needed.")
        if "back" in request.form:
            place = next((n for n, one in enumerate(way_there) if one.id == page.id), 0)
            page, faults = way_there[max(place - 1, 0)], {}
        elif not faults:
            following = given.following(content, page, answers)
            page, ended = following or page, following is None
        wrong = faults
    else:
        wrong = {}
    return htmx.render(
        "questionnaire/try.html",
        status=422 if wrong else 200,
        form=form,
        content=content,
        at=page,
        ended=ended,
        answers={**answers, **{key: sent[key] for key in wrong}},
        wrong=wrong,
        way_there=given.path(content, answers),
        page_name=page_name,
        given=given,
    )


def _draft(form: CrmForm) -> Form:
    content: Form = queries.draft_of(KIND, form)
    return content


def _save(form: CrmForm, content: Form, state: int) -> None:
    operations.save(KIND, form, content, state=state, actor=g.actor)


def _back(form: CrmForm, identifier: str) -> Any:
    return htmx.see_other(url_for(".show", form_id=form.id, _anchor=f"part-{identifier}"))


def _outline(form: CrmForm, problem: str = "", *, status: int = 200) -> Any:
    content = _draft(form)
    fields = {str(one.id): one.name for one in fields_for(form.project_id)}
    return htmx.render(
        "questionnaire/show.html",
        "questionnaire/_outline.html",
        status=status,
        form=form,
        kind=KIND,
        content=content,
        problem=problem,
        problems=check(form, content),
        fields=fields,
        types=TYPE_LABELS,
        page_name=page_name,
        said=said,
        way=way,
    )


def _form(template: str, form: CrmForm, made: Any, status: int, **context: Any) -> Any:
    if not made.is_submitted():
        made.state.data = form.draft_state
    return htmx.render(
        template,
        status=status,
        item=form,
        form=made,
        types=TYPE_LABELS,
        **context,
    )
