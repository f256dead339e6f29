"""Answers in finished forms. A question is told by its form and its id, in all versions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, and_, cast, func, select, true

from portal.crm import fields
from portal.crm.fillings.models import COMPLETE, FormAnswer, FormFilling
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts.fillings import OF_FORM, SOURCE
from portal.reports.terms import Column, Dimension, Fact, Measure, Sum, part

_BEHIND = ":"
_QUESTION = cast(FormVersion.form_id, String) + _BEHIND + FormAnswer.question
_ITS_FILLING = and_(
    FormFilling.company_id == FormAnswer.company_id, FormFilling.id == FormAnswer.filling_id
)
_ITS_VERSION = and_(
    FormVersion.company_id == FormFilling.company_id,
    FormVersion.id == FormFilling.form_version_id,
)


def _texts(keys: Collection[str]) -> dict[str, str]:
    """Return what questions are, as the newest version of their form puts them.

    Of several forms they say of which.
    """
    forms = {form for key in keys if (form := _form(key))}
    places = _places(forms) if len(forms) > 1 else {}
    asked = {
        _key(form, one["id"]): " · ".join([one["text"], *places.get(form, ())])
        for form, one in _questions(forms)
    }
    return {key: asked.get(_plain(key), "") for key in keys}


def _places(forms: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return what forms are called, and their projects."""
    query = select(CrmForm.id, CrmForm.name, Project.name.label("project")).join(
        Project, and_(Project.company_id == CrmForm.company_id, Project.id == CrmForm.project_id)
    )
    found = db.session.execute(query.where(CrmForm.id.in_(forms)))
    return {row.id: (row.name, row.project) for row in found}


def _questions(forms: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """Yield the questions of all versions of forms, the newest version last."""
    query = select(FormVersion.form_id, FormVersion.content).where(FormVersion.form_id.in_(forms))
    for form, content in db.session.execute(query.order_by(FormVersion.number)):
        for page in content.get("pages", ()):
            yield from ((form, question) for question in page["questions"])


def _key(form: uuid.UUID, question: str) -> str:
    return f"{form.hex}{_BEHIND}{question}"


def _form(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(key.split(_BEHIND)[0])
    except ValueError:  # of an address that somebody made up
        return None


def _plain(key: str) -> str:
    """Return a key as SQLite has it: PostgreSQL writes ids with hyphens."""
    return key.replace("-", "")


def _readable() -> Any:
    """Leave out answers that go into contact fields which the viewer may not read."""
    found = db.session.scalars(select(ContactField))
    closed = {str(one.id) for one in found if fields.hidden(one) or not fields.searchable(one)}
    if not closed:
        return true()
    forms = list(db.session.scalars(select(CrmForm.id)))
    keys = {_key(form, one["id"]) for form, one in _questions(forms) if one["field"] in closed}
    return func.replace(_QUESTION, "-", "").not_in(keys)


def said(answer: str) -> str:
    return {"yes": _("Yes"), "no": _("No")}.get(answer, answer)


ANSWERS = Sum("answers")

BY_QUESTION = Dimension("question", _l("Question"), _QUESTION, names=_texts)
BY_ANSWER = Dimension(
    "answer",
    _l("Answer"),
    func.nullif(FormAnswer.counted, ""),
    shown=said,
    nothing=_l("In their own words"),
)
BY_PROJECT = dimensions.by_project(FormAnswer.project_id)
BY_OPERATOR = dimensions.by_operator(FormFilling.filled_by_id)

MEASURES = (
    Measure(
        "answers",
        _l("Answers"),
        _l("Answers in forms finished in the period; each of several choices is one."),
        (ANSWERS,),
    ),
    Measure(
        "share",
        _l("Share"),
        _l("As a share of all answers to the same question, or of the first group."),
        (ANSWERS,),
        unit="percent",
        value=part(ANSWERS),
        whole=ANSWERS,
    ),
)


FACT = Fact(
    name="answers",
    model=FormAnswer,
    at=FormFilling.completed_at,
    columns=(
        Column("time", _l("Time"), FormFilling.completed_at, "moment"),
        Column("form", _l("CRM form"), dimensions.name_of(CrmForm, FormVersion.form_id)),
        Column("project", _l("Project"), dimensions.name_of(Project, FormAnswer.project_id)),
        Column("answer", _l("Answer"), FormAnswer.value, text=said),
        Column("by", _l("By"), dimensions.name_of(User, FormFilling.filled_by_id), "person"),
    ),
    filters=(
        dimensions.of_projects(FormAnswer.project_id),
        OF_FORM,
        dimensions.of_groups(FormFilling.filled_by_id),
        dimensions.of_operators(FormFilling.filled_by_id),
    ),
    source=SOURCE,
    where=(FormFilling.status == COMPLETE,),
    joins=((FormFilling, _ITS_FILLING), (FormVersion, _ITS_VERSION)),
    allowed=_readable,
)
