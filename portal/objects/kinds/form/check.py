"""What is wrong with a form before it is published, and what it says in words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form.content import CLOSED, END, Form, Page, Question
from portal.objects.versions.content import Part

TYPE_LABELS = {
    "text": _l("Text"),
    "long": _l("Long text"),
    "number": _l("Number"),
    "date": _l("Date"),
    "choice": _l("One choice"),
    "several": _l("Several choices"),
    "scale": _l("Scale"),
    "yes_no": _l("Yes or no"),
}
# Which questions a contact field of a type can take its value from.
SOURCES = {
    "text": ("text", "long", "number", "date", "choice", "several", "scale"),
    "number": ("number", "scale"),
    "date": ("date",),
    "choice": ("choice",),
    "phone": ("text",),
    "email": ("text",),
    "yes_no": ("yes_no",),
    "link": ("text",),
}


def fields_for(project_id: uuid.UUID, question_type: str = "") -> list[ContactField]:
    """Return the contact fields of a project, or those that can take answers of a type."""
    link = ContactField.Link
    inside = select(link.object_id).where(link.project_id == project_id)
    query = select(ContactField).where(ContactField.active, ContactField.id.in_(inside))
    found = db.session.scalars(query.order_by(ContactField.search_key, ContactField.id))
    return [one for one in found if not question_type or question_type in SOURCES[one.type]]


def check(item: Any, form: Form) -> list[str]:
    """Return what is wrong with the form of the object ``item``, in the order of its pages."""
    if not form.pages:
        return [_("There is no page yet.")]
    fields = {str(one.id): one for one in fields_for(item.project_id)}
    reached = _reached(form)
    problems = []
    for page in form.pages:
        if page.id not in reached:
            problems.append(_("%(place)s: nothing leads here.", place=page_name(form, page)))
        if not (page.text or page.questions):
            problems.append(_("%(place)s: it is empty.", place=page_name(form, page)))
        problems += _wrong_way(form, page, page.then, page_name(form, page))
        for question in page.questions:
            problems += _wrong(form, page, question, fields)
    return problems


def _wrong(
    form: Form, page: Page, question: Question, fields: dict[str, ContactField]
) -> Iterator[str]:
    place = f"{page_name(form, page)}, {question.text}"
    if question.type in ("choice", "several") and not question.choices:
        yield _("%(place)s: there is nothing to choose.", place=place)
    if question.field and question.field not in fields:
        yield _("%(place)s: its contact field is not in the project.", place=place)
    elif question.field and question.type not in SOURCES[fields[question.field].type]:
        name = fields[question.field].name
        yield _("%(place)s: the field %(name)s does not take such answers.", place=place, name=name)
    for rule in question.rules:
        if rule.answer in question.answers:
            yield from _wrong_way(form, page, rule.to, f"{place}, {said(question, rule.answer)}")


def _wrong_way(form: Form, page: Page, to: str, place: str) -> Iterator[str]:
    if to in ("", END):
        return
    target = form.page(to)
    if target is None:
        yield _("%(place)s: it leads to a page that is not there.", place=place)
    elif form.place(to) <= form.place(page.id):
        back = page_name(form, target)
        yield _(
            "%(place)s: it leads back to %(back)s, so it might never end.", place=place, back=back
        )


def _reached(form: Form) -> set[str]:
    """Return the pages that some answers lead to."""
    reached: set[str] = set()
    waiting = [form.pages[0]]
    while waiting:
        page = waiting.pop()
        if page.id not in reached:
            reached.add(page.id)
            waiting += [one for to in _ways(page) if (one := form.after(page, to)) is not None]
    return reached


def _ways(page: Page) -> set[str]:
    """Return where a page may lead: behind a question whose every answer jumps nothing counts."""
    ways: set[str] = set()
    for question in page.questions:
        jumps = [question.rule(answer).to for answer in question.answers]
        ways |= {to for to in jumps if to}
        if question.required and jumps and all(jumps):
            return ways
    return ways | {page.then}


# --- in words


def page_name(form: Form, page: Page) -> str:
    number = form.place(page.id)
    if page.title:
        return _("Page %(number)d “%(title)s”", number=number, title=page.title)
    return _("Page %(number)d", number=number)


def way(form: Form, to: str) -> str:
    """Say where a rule leads."""
    if not to:
        return _("the next page")
    if to == END:
        return _("the end")
    page = form.page(to)
    return page_name(form, page) if page else _("a page that is not there")


def said(question: Question, answer: str) -> str:
    if question.type == "yes_no":
        return _("Yes") if answer == "yes" else _("No")
    return answer


def parts(form: Form) -> list[Part]:
    """Tell a form as its pages and questions, for the difference of two versions."""
    ids = [uuid.UUID(question.field) for _page, question in form.questions() if question.field]
    found = db.session.execute(
        select(ContactField.id, ContactField.name).where(ContactField.id.in_(ids))
    )
    names = {str(row.id): row.name for row in found}
    told = []
    for page in form.pages:
        facts = {_("Text to read out"): page.text, _("Then"): way(form, page.then)}
        told.append(Part(page.id, page.title or page_name(form, page), facts))
        told += [_part(form, page, question, names) for question in page.questions]
    return told


def _part(form: Form, page: Page, question: Question, names: dict[str, str]) -> Part:
    facts = {
        _("Page"): page.title or page_name(form, page),
        _("Type"): str(TYPE_LABELS[question.type]),
        _("Hint"): question.hint,
        _("Required"): _("Yes") if question.required else _("No"),
        _("Contact field"): names.get(question.field, _("a field that is not seen"))
        if question.field
        else "",
    }
    if question.type in CLOSED:
        facts[_("Answers")] = "\n".join(said(question, one) for one in question.answers)
        jumps = [(said(question, one), question.rule(one).to) for one in question.answers]
        facts[_("Jumps")] = "\n".join(f"{one} → {way(form, to)}" for one, to in jumps if to)
        most = [(said(question, one), question.rule(one).most) for one in question.answers]
        facts[_("Quotas")] = "\n".join(f"{one} ≤ {number}" for one, number in most if number)
    return Part(question.id, question.text, facts, inside=page.id)
