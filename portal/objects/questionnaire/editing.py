"""Changes of a form's content, each of one page or question; the form stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flask_babel import gettext as _

from portal.errors import RefusedError
from portal.objects.kinds.form.content import (
    MOST_PAGES,
    MOST_QUESTIONS,
    Form,
    Page,
    Question,
    new_id,
)

Part = TypeVar("Part", Page, Question)


def arranged(form: Form, way: str, identifier: str) -> Form:
    """Return the form with one part moved 'up' or 'down', or without it ('remove')."""
    if form.page(identifier) is not None:
        return replace(form, pages=_arranged(form.pages, way, identifier))
    found = form.question(identifier)
    if found is None:
        raise RefusedError(_("This is no longer here."))
    page, _question = found
    questions = _arranged(page.questions, way, identifier)
    return form.with_page(replace(page, questions=questions))


def _arranged(parts: tuple[Part, ...], way: str, identifier: str) -> tuple[Part, ...]:
    place = next(n for n, part in enumerate(parts) if part.id == identifier)
    others = [part for part in parts if part.id != identifier]
    if way != "remove":
        to = place - 1 if way == "up" else place + 1
        others.insert(max(to, 0), parts[place])
    return tuple(others)


def moved(form: Form, question: Question, to: Page) -> Form:
    """Return the form with a question at the end of another page."""
    page, _question = form.question(question.id) or (to, question)
    left = tuple(one for one in page.questions if one.id != question.id)
    form = form.with_page(replace(page, questions=left))
    return with_question(form, form.page(to.id) or to, question)


def with_new_page(form: Form) -> tuple[Form, Page]:
    if len(form.pages) >= MOST_PAGES:
        raise RefusedError(_("At most %(most)d pages.", most=MOST_PAGES))
    page = Page(new_id())
    return replace(form, pages=(*form.pages, page)), page


def with_question(form: Form, page: Page, question: Question) -> Form:
    """Return the form with a new question at the end of a page."""
    if len(page.questions) >= MOST_QUESTIONS:
        raise RefusedError(_("At most %(most)d questions on a page.", most=MOST_QUESTIONS))
    return form.with_page(replace(page, questions=(*page.questions, question)))


def with_changed(form: Form, question: Question) -> Form:
    page, _question = form.question(question.id) or (None, None)
    if page is None:
        raise RefusedError(_("This is no longer here."))
    questions = tuple(question if one.id == question.id else one for one in page.questions)
    return form.with_page(replace(page, questions=questions))
