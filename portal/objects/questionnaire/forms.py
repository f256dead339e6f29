"""The forms of a page and of a question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, ValidationError

from portal.forms import Form, line, lines, number
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form.check import page_name, said
from portal.objects.kinds.form.content import (
    CHOICE,
    END,
    LONG,
    MOST_CHOICES,
    MOST_POINTS,
    SHORT,
    Page,
    Question,
    Rule,
)
from portal.objects.kinds.form.content import Form as Content

MOST_FILLED = 1_000_000


class PageForm(Form):
    title = line(_l("Title"), limit=SHORT)
    text = lines(_l("Text to read out"), limit=LONG)
    then = SelectField(_l("Then"))
    state = IntegerField(widget=HiddenField.widget, default=0)

    def page(self, page: Page) -> Page:
        return replace(
            page, title=self.title.data or "", text=self.text.data or "", then=self.then.data or ""
        )


class QuestionForm(Form):
    """What all questions have; :func:`question_form` adds what those of one type need."""

    text = line(_l("Question"), limit=SHORT, needed=True)
    page = SelectField(_l("Page"))
    hint = line(_l("Hint"), limit=SHORT)
    required = BooleanField(_l("Required"))
    field = SelectField(_l("Contact field that takes the answer"))
    state = IntegerField(widget=HiddenField.widget, default=0)

    kept: Question
    rules: list[tuple[str, Any, Any]]

    def question(self) -> Question:
        """Return the question as it is filled in."""
        own = {name: self[name].data for name in ("least", "most") if name in self}
        question = replace(
            self.kept,
            text=self.text.data,
            hint=self.hint.data or "",
            required=bool(self.required.data),
            field=self.field.data or "",
            choices=tuple(self._choices()),
            **own,
        )
        return replace(question, rules=tuple(self._rules(question)))

    def _choices(self) -> list[str]:
        return _entries(self["choices"].data) if "choices" in self else []

    def _rules(self, question: Question) -> list[Rule]:
        """Return the rules of the answers that remain; one that was only renamed keeps its own."""
        before, now = self.kept.answers, question.answers
        names = dict(zip(before, now, strict=True)) if len(before) == len(now) else {}
        found = []
        for answer, to, most in self.rules:
            name = answer if answer in now else names.get(answer, "")
            if name in now and (to.data or most.data):
                found.append(Rule(name, to.data or "", most.data or 0))
        return found


def page_form(form: Content, page: Page) -> PageForm:
    made = PageForm(obj=page)
    made.then.choices = _ways(form, page)
    return made


def question_form(
    form: Content, page: Page, question: Question, fields: list[ContactField]
) -> QuestionForm:
    """Return the form of a question on ``page``; ``fields``: those that can take its answer."""
    members: dict[str, Any] = {}
    if question.type in ("choice", "several"):
        members["choices"] = lines(
            _l("Choices"),
            limit=MOST_CHOICES * (CHOICE + 2),
            description=_l("One a line."),
        )
        members["validate_choices"] = _check_choices
    if question.type == "scale":
        members["least"] = number(_l("From"), least=0, most=MOST_POINTS, default=1)
        members["most"] = number(_l("To"), least=1, most=MOST_POINTS, default=5)
        members["validate_most"] = _check_most
    for place, answer in enumerate(question.answers):
        name = said(question, answer)
        members[f"to_{place}"] = SelectField(_("%(answer)s leads to", answer=name))
        members[f"most_{place}"] = number(
            _("%(answer)s at most", answer=name), least=0, most=MOST_FILLED, default=0
        )
    given = {**vars(question), "choices": "\n".join(question.choices), "page": page.id}
    for place, answer in enumerate(question.answers):
        rule = question.rule(answer)
        given |= {f"to_{place}": rule.to, f"most_{place}": rule.most}
    made = type("OwnQuestionForm", (QuestionForm,), members)(data=given)
    made.page.choices = [(one.id, page_name(form, one)) for one in form.pages]
    made.kept = question
    made.rules = []
    for place, answer in enumerate(question.answers):
        made[f"to_{place}"].choices = _ways(form, page, question.rule(answer).to)
        made.rules.append((answer, made[f"to_{place}"], made[f"most_{place}"]))
    offered = [(str(one.id), one.name) for one in fields]
    if question.field and question.field not in dict(offered):
        offered.append((question.field, _("a field that is not in the project")))
    made.field.choices = [("", _("None")), *offered]
    return made


def _ways(form: Content, page: Page, kept: str | None = None) -> list[tuple[str, str]]:
    """Return where one can go on from a page: only forward; what is kept, too."""
    kept = page.then if kept is None else kept
    later = form.pages[form.place(page.id) :]
    ways = [("", _("the next page")), *((one.id, page_name(form, one)) for one in later)]
    ways.append((END, _("the end")))
    if kept not in dict(ways):
        target = form.page(kept)
        ways.append((kept, page_name(form, target) if target else _("a page that is not there")))
    return ways


def _entries(text: str | None) -> list[str]:
    return [entry for one in (text or "").splitlines() if (entry := one.strip())]


def _check_choices(form: Any, field: Any) -> None:
    entries = _entries(field.data)
    if not entries:
        raise ValidationError(_("This is needed."))
    if len(entries) > MOST_CHOICES:
        raise ValidationError(_("At most %(max)d lines.", max=MOST_CHOICES))
    for place, entry in enumerate(entries, 1):
        if len(entry) > CHOICE:
            fault = _("At most %(max)d characters.", max=CHOICE)
            raise ValidationError(_("Line %(line)d: %(fault)s", line=place, fault=fault))
        if entry in entries[: place - 1]:
            first = entries.index(entry) + 1
            fault = _("The same is in line %(line)d.", line=first)
            raise ValidationError(_("Line %(line)d: %(fault)s", line=place, fault=fault))


def _check_most(form: Any, field: Any) -> None:
    if field.data is not None and form.least.data is not None and field.data <= form.least.data:
        raise ValidationError(_("It has to be more than where the scale begins."))
