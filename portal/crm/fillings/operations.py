"""Beginning a form, keeping its answers as they are given, finishing it, deleting it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.audit import trail
from portal.calls.models import Visit
from portal.crm import fields
from portal.crm.contacts import operations as contacts
from portal.crm.contacts import queries as of_contacts
from portal.crm.fillings import queries
from portal.crm.fillings.models import COMPLETE, FormAnswer, FormFilling
from portal.crm.models import Case, Contact
from portal.database import utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form import KIND, CrmForm
from portal.objects.kinds.form import answers as given
from portal.objects.kinds.form.check import said
from portal.objects.kinds.form.content import CLOSED, Form, Page, Question
from portal.objects.queries import archived
from portal.objects.versions import queries as versions


class UnfinishedError(RefusedError):
    """Something is missing or not possible; ``faults``: what, by question."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(_("Some answers have to be put right first."))
        self.faults = faults


def begin(form: CrmForm, about: Contact | Case | Visit, *, actor: User) -> FormFilling:
    """Begin to fill in the newest version of a form, or go on with what one had begun."""
    version = versions.newest(KIND, form)
    if version is None or not form.active or archived({form.project_id}):
        raise RefusedError(_("%(name)s cannot be filled in now.", name=form.name))
    values = _about(form, about)
    column = getattr(FormFilling, next(iter(values)))
    begun = queries.begun(version, actor, column, about.id)
    if begun is not None:
        return begun
    filling = FormFilling(
        company_id=actor.company_id,
        project_id=form.project_id,
        form_version_id=version.id,
        filled_by_id=actor.id,
        **values,
    )
    db.session.add(filling)
    db.session.flush()
    _tell(filling, form, "created")
    return filling


def _about(form: CrmForm, about: Contact | Case | Visit) -> dict[str, uuid.UUID]:
    """Return what a form is about, by column; all of it is in the project of the form."""
    match about:
        case Contact():
            inside, values = _is_in(about, form.project_id), {"contact_id": about.id}
        case Case():
            inside = about.project_id == form.project_id
            values = {"case_id": about.id, "contact_id": about.contact_id}
        case _:
            inside, values = about.project_id == form.project_id, {"visit_id": about.id}
            known = [x for x in of_contacts.of_call(about.number) if _is_in(x, form.project_id)]
            if len(known) == 1:
                values["contact_id"] = known[0].id
    if not inside:
        raise RefusedError(_("%(name)s is a form of another project.", name=form.name))
    return values


def _is_in(contact: Contact, project_id: uuid.UUID) -> bool:
    return project_id in of_contacts.projects_of(contact)


def keep(filling: FormFilling, answers: dict[str, list[str]], content: Form) -> None:
    """Put ``answers`` in place of those to the same questions."""
    _refuse_finished(filling)
    closed = {one.id for _page, one in content.questions() if one.type in CLOSED}
    now = queries.answers_of(filling)
    changed = {key: values for key, values in answers.items() if now.get(key, []) != values}
    if not changed:
        return
    _forget(filling, changed)
    for question, values in changed.items():
        for place, value in enumerate(values):
            answer = FormAnswer(
                company_id=filling.company_id,
                project_id=filling.project_id,
                filling_id=filling.id,
                question=question,
                place=place,
                value=value,
                counted=value if question in closed else "",
            )
            db.session.add(answer)
    filling.changed_at = utcnow()
    filling.version += 1
    db.session.flush()


def _forget(filling: FormFilling, questions: Iterable[str]) -> None:
    gone = delete(FormAnswer).where(
        FormAnswer.filling_id == filling.id, FormAnswer.question.in_(list(questions))
    )
    db.session.execute(gone, execution_options={"synchronize_session": False})


def finish(filling: FormFilling, *, actor: User) -> None:
    """Close a form for good; what its answers say of the contact is written there."""
    _refuse_finished(filling)
    version = queries.version_of(filling)
    form, content = _held(version), queries.content_of(version)
    answers = queries.answers_of(filling)
    pages = given.path(content, answers)
    faults = {one.id: _("This is needed.") for _page, one in given.missing(pages, answers)}
    faults |= _beyond(form, pages, answers)
    values = _values(filling, pages, answers, faults)
    if faults:
        raise UnfinishedError(faults)
    asked = {question.id for page in pages for question in page.questions}
    _forget(filling, answers.keys() - asked)
    filling.status, filling.completed_at = COMPLETE, utcnow()
    filling.changed_at, filling.filled_by_id = utcnow(), actor.id
    filling.version += 1
    db.session.flush()
    if values and filling.contact_id:
        key, held = (filling.company_id, filling.contact_id), {"of": Contact, "key_share": True}
        contact = db.session.get_one(Contact, key, with_for_update=held)
        contacts.fill(contact, values)
    _tell(filling, form, "filled_in")


def _held(version: Any) -> CrmForm:
    """Return the form; until the end nobody else finishes one: quotas are counted."""
    key = (version.company_id, version.form_id)
    query = select(CrmForm).where(CrmForm.company_id == key[0], CrmForm.id == key[1])
    return db.session.scalars(query.with_for_update(key_share=True)).one()


def _beyond(form: CrmForm, pages: list[Page], answers: given.Answers) -> dict[str, str]:
    """Return for each question whose quota is full what to say."""
    full = {}
    for question in (question for page in pages for question in page.questions):
        for answer in answers.get(question.id, []):
            most = question.rule(answer).most
            if most and queries.completed_with(form, question, answer) >= most:
                full[question.id] = _(
                    "There are enough forms with “%(answer)s” already.",
                    answer=said(question, answer),
                )
    return full


def _values(
    filling: FormFilling, pages: list[Page], answers: given.Answers, faults: dict[str, str]
) -> dict[ContactField, str]:
    """Return what goes into contact fields: those of the project that the actor may fill in."""
    if filling.contact_id is None:
        return {}
    own = {str(one.id): one for one in fields.seen([filling.project_id]) if fields.editable(one)}
    values = {}
    for question in (question for page in pages for question in page.questions):
        field, texts = own.get(question.field), answers.get(question.id, [])
        if field is None or not texts:
            continue
        try:
            values[field] = fields.read(field, _as_value(question, texts))
        except RefusedError as error:
            faults[question.id] = _("%(field)s: %(fault)s", field=field.name, fault=error.message)
    return values


def _as_value(question: Question, values: list[str]) -> str:
    return ", ".join(values)[: fields.MOST_TEXT] if question.type != "long" else values[0]


def remove(filling: FormFilling) -> None:
    form = queries.form_of(queries.version_of(filling))
    db.session.delete(filling)
    db.session.flush()
    _tell(filling, form, "deleted")


def leave_case(case: Case) -> None:
    """Let the forms of a case that goes stay with its contact."""
    for filling in db.session.scalars(select(FormFilling).where(FormFilling.case_id == case.id)):
        filling.case_id = None
    db.session.flush()


def _refuse_finished(filling: FormFilling) -> None:
    if filling.status == COMPLETE:
        raise ConflictError(_("This form is finished: it does not change any more."))


def _tell(filling: FormFilling, form: CrmForm, action: str) -> None:
    key = (filling.company_id, filling.contact_id)
    contact = db.session.get(Contact, key) if filling.contact_id else None
    trail.record(
        action,
        kind=FormFilling.kind,
        object_id=filling.id,
        object_name=form.name,
        project_ids=[filling.project_id],
        detail={"contact": contact.name} if contact else None,
    )
