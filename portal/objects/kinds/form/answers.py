"""Answers to a form: read from what was typed, and the way through the pages that they make.

Answers are kept by question: a list of texts, several for several choices, none where there is no
answer. A number is kept with a point, a day as ISO 8601, yes and no as ``yes`` and ``no``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from portal.errors import RefusedError
from portal.filters import show_date, show_number
from portal.forms import clean, refuse_characters
from portal.objects.kinds.form.check import said
from portal.objects.kinds.form.content import Form, Page, Question

Answers = Mapping[str, list[str]]
PREFIX = "a_"
LONGEST = {"text": 500, "long": 5000}


def name_of(question: Question) -> str:
    """Return the name of a question's input."""
    return f"{PREFIX}{question.id}"


def typed(questions: Iterable[Question], sent: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return what was sent for questions, as it was typed."""
    found = {one.id: [clean(text) for text in sent.getlist(name_of(one))] for one in questions}
    return {key: [text for text in texts if text] for key, texts in found.items()}


def readable(
    questions: Iterable[Question], sent: Answers
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the answers as they are kept, and what is wrong with the others, by question."""
    kept: dict[str, list[str]] = {}
    wrong: dict[str, str] = {}
    for question in questions:
        try:
            kept[question.id] = read(question, sent.get(question.id, []))
        except RefusedError as error:
            wrong[question.id] = error.message
    return kept, wrong


def read(question: Question, texts: list[str]) -> list[str]:
    """Return one answer as it is kept, or refuse it."""
    if not texts:
        return []
    if question.type == "several":
        if not set(texts) <= set(question.answers):
            raise RefusedError(_("Choose among those offered."))
        return [one for one in question.answers if one in texts]
    text = texts[0]
    match question.type:
        case "number":
            return [_number(text)]
        case "date":
            return [_day(text)]
        case "choice" | "scale" | "yes_no":
            if text not in question.answers:
                raise RefusedError(_("Choose one of those offered."))
            return [text]
    return [_text(text, question.type)]


def _text(text: str, kind: str) -> str:
    if len(text) > LONGEST[kind]:
        raise RefusedError(_("At most %(max)d characters.", max=LONGEST[kind]))
    try:
        refuse_characters(text, allowed="\n\r\t" if kind == "long" else "")
    except ValidationError as error:
        raise RefusedError(str(error)) from error
    return text


def _number(text: str) -> str:
    plain = re.sub(r"[\s\u00a0\u202f]", "", text[:40]).replace(",", ".")
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,3})?", plain):
        raise RefusedError(_("This is not a number."))
    return format(Decimal(plain).normalize(), "f")


def _day(text: str) -> str:
    try:
        if len(text) == 10 and dt.date.fromisoformat(text).year >= 1900:
            return text
    except ValueError:
        pass
    raise RefusedError(_("This is not a date."))


def shown(question: Question, texts: list[str]) -> str:
    """Return an answer as it is read."""
    if not texts:
        return ""
    if question.type == "number":
        return show_number(float(texts[0]))
    if question.type == "date":
        return show_date(dt.date.fromisoformat(texts[0]))
    return ", ".join(said(question, one) for one in texts)


def following(form: Form, page: Page, answers: Answers) -> Page | None:
    """Return the page that the answers lead to: the first jump on a page counts; None: the end."""
    for question in page.questions:
        given = answers.get(question.id, [])
        for answer in question.answers:
            if answer in given and (to := question.rule(answer).to):
                return form.after(page, to)
    return form.after(page, page.then)


def path(form: Form, answers: Answers) -> list[Page]:
    """Return the pages that somebody with these answers is led through."""
    found: list[Page] = []
    page = form.pages[0] if form.pages else None
    while page is not None and page not in found:  # a draft may still lead back
        found.append(page)
        page = following(form, page, answers)
    return found


def missing(pages: Iterable[Page], answers: Answers) -> list[tuple[Page, Question]]:
    """Return the questions on ``pages`` that have to be answered and are not."""
    return [
        (page, question)
        for page in pages
        for question in page.questions
        if question.required and not answers.get(question.id)
    ]
