"""Quotas of forms as they are now: how often an answer is wanted, by the newest version."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, String, case, cast, func, select
from sqlalchemy.orm import aliased

from portal.crm.fillings.models import COMPLETE, FormAnswer, FormFilling
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts.answers import said
from portal.reports.facts.elements import elements
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

_later = aliased(FormVersion)
_answered = aliased(FormVersion)
_pages = elements(FormVersion.content["pages"], "pages")
_questions = elements(_pages.c.value["questions"], "questions")
_rules = elements(_questions.c.value["rules"], "rules")
_QUESTION_ID = _questions.c.value["id"].as_string()
_ANSWER = _rules.c.value["answer"].as_string()
_MOST = _rules.c.value["most"].as_integer()


def _done() -> Any:
    """Count the finished forms with the answer, in any version."""
    finished = (
        select(func.count(FormAnswer.id))
        .join(
            FormFilling,
            (FormFilling.company_id == FormAnswer.company_id)
            & (FormFilling.id == FormAnswer.filling_id),
        )
        .join(
            _answered,
            (_answered.company_id == FormFilling.company_id)
            & (_answered.id == FormFilling.form_version_id),
        )
        .where(
            FormAnswer.company_id == FormVersion.company_id,
            FormAnswer.question == _QUESTION_ID,
            FormAnswer.counted == _ANSWER,
            FormFilling.status == COMPLETE,
            _answered.form_id == FormVersion.form_id,
        )
    )
    return finished.correlate(FormVersion, _questions, _rules).scalar_subquery()


def _newest() -> Any:
    number = select(func.max(_later.number)).where(
        _later.company_id == FormVersion.company_id, _later.form_id == FormVersion.form_id
    )
    return FormVersion.number == number.correlate(FormVersion).scalar_subquery()


_QUOTAS = (
    select(
        FormVersion.company_id,
        (cast(FormVersion.id, String) + ":" + _QUESTION_ID + ":" + _ANSWER).label("id"),
        FormVersion.project_id,
        FormVersion.form_id,
        _questions.c.value["text"].as_string().label("question"),
        _ANSWER.label("answer"),
        cast(_MOST, BigInteger).label("target"),
        _done().label("done"),
    )
    .select_from(FormVersion, _pages, _questions, _rules)
    .where(_newest(), _MOST > 0)
    .subquery("quotas")
)
ROW = _QUOTAS.c
_LEFT = case((ROW.target > ROW.done, ROW.target - ROW.done), else_=0)
_COUNTED = case((ROW.done < ROW.target, ROW.done), else_=ROW.target)

QUOTAS = Sum("quotas")
TARGET = Sum("target", of=ROW.target)
DONE = Sum("done", of=ROW.done)
LEFT = Sum("left", of=_LEFT)
COUNTED = Sum("counted", of=_COUNTED)

BY_FORM = Dimension("form", _l("CRM form"), ROW.form_id, CrmForm)
BY_PROJECT = dimensions.by_project(ROW.project_id)
BY_QUESTION = Dimension("question", _l("Question"), ROW.question)
BY_ANSWER = Dimension("answer", _l("Answer"), ROW.answer, shown=said)

MEASURES = (
    Measure("quotas", _l("Quotas"), _l("Answers of published forms that have a quota."), (QUOTAS,)),
    Measure("target", _l("Target"), _l("How many finished forms may have the answer."), (TARGET,)),
    Measure("done", _l("Done"), _l("Finished forms with the answer, in any version."), (DONE,)),
    Measure(
        "left", _l("Still to do"), _l("Finished forms still to come until the target."), (LEFT,)
    ),
    Measure(
        "progress",
        _l("Done %"),
        _l("What is done of the targets as a share of them; beyond a target nothing counts."),
        (COUNTED, TARGET),
        unit="percent",
        value=share(COUNTED, TARGET),
        better=1,
    ),
)

FACT = Fact(
    name="quotas",
    model=_QUOTAS,
    at=None,
    order=ROW.question,
    columns=(
        Column("form", _l("CRM form"), dimensions.name_of(CrmForm, ROW.form_id)),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("question", _l("Question"), ROW.question),
        Column("answer", _l("Answer"), ROW.answer, text=said),
        Column("target", _l("Target"), ROW.target, "count"),
        Column("done", _l("Done"), ROW.done, "count"),
        Column("left", _l("Still to do"), _LEFT, "count"),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        Filter("form", _l("CRM form"), ROW.form_id, CrmForm),
    ),
    source=_l("No published form has a quota: give answers of a CRM form one, and publish it."),
)
