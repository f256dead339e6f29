"""What came of operators' work: the calls they had, those they missed, the forms they filled in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, literal, select, union_all

from portal.calls.log import words
from portal.calls.models import Offer, Visit
from portal.crm.fillings.models import COMPLETE, FormFilling
from portal.members.models import User
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts import offers, visits
from portal.reports.terms import Column, Fact, Filter, Measure, Sum, share

CALL, MISSED_CALL, FORM = "call", "missed", "form"
KINDS = {CALL: _l("Call"), MISSED_CALL: _l("Not taken"), FORM: _l("Form filled in")}
_CALLS = select(
    Visit.company_id, Visit.id, Visit.project_id, Visit.operator_id, Visit.started_at.label("at"),
    literal(CALL).label("kind"), Visit.direction, Visit.result,
    func.coalesce(Visit.talk_s, 0).label("talk_s"),
).where(Visit.operator_id.is_not(None))  # fmt: skip
_MISSED = (
    select(
        Offer.company_id, Offer.id, Offer.project_id, Offer.operator_id, Visit.started_at,
        literal(MISSED_CALL), Visit.direction, literal("no_answer"), literal(0),
    )
    .join(Visit, and_(Visit.company_id == Offer.company_id, Visit.id == Offer.visit_id))
    .where(Offer.operator_id.is_not(None), offers.NOT_TAKEN)
)  # fmt: skip
_FORMS = select(
    FormFilling.company_id, FormFilling.id, FormFilling.project_id, FormFilling.filled_by_id,
    FormFilling.completed_at, literal(FORM), literal(""), literal(""), literal(0),
).where(FormFilling.status == COMPLETE)  # fmt: skip
_ROWS: Any = union_all(_CALLS, _MISSED, _FORMS).subquery("work")
ROW = _ROWS.c
_IS_CALL = ROW.kind == CALL
_ANSWERED = and_(_IS_CALL, ROW.result == "answered")

TAKEN = Sum("taken", and_(_ANSWERED, ROW.direction == "in"))
MADE = Sum("made", and_(_IS_CALL, ROW.direction == "out"))
ANSWERED = Sum("answered", _ANSWERED)
TALK = Sum("talk_s", _ANSWERED, ROW.talk_s)
MISSED = Sum("missed", ROW.kind == MISSED_CALL)
FORMS = Sum("forms", ROW.kind == FORM)

BY_OPERATOR = dimensions.by_operator(ROW.operator_id)
BY_GROUP = dimensions.by_group(ROW.operator_id)
BY_PROJECT = dimensions.by_project(ROW.project_id)

MEASURES = (
    Measure(
        "in", _l("Calls in"), _l("Calls that came in and that they answered."), (TAKEN,), better=1
    ),
    Measure(
        "out", _l("Calls out"), _l("Calls that they made, answered or not."), (MADE,), better=1
    ),
    Measure(
        "missed",
        _l("Missed"),
        _l("Calls that rang at theirs and that they did not take or refused."),
        (MISSED,),
        better=-1,
    ),
    Measure(
        "talk", _l("Talk"), _l("Talk of answered calls, in and out."), (TALK,), unit="duration"
    ),
    Measure(
        "aht",
        visits.AHT.label,
        visits.AHT.definition,
        (TALK, ANSWERED),
        unit="duration",
        value=share(TALK, ANSWERED),
        kpi="aht",
    ),
    Measure(
        "forms",
        _l("Forms filled"),
        _l("CRM forms that they filled in to the end in the period."),
        (FORMS,),
        better=1,
    ),
)

FACT = Fact(
    name="work",
    model=_ROWS,
    at=ROW.at,
    columns=(
        Column("time", _l("Time"), ROW.at, "moment"),
        Column("what", _l("What"), ROW.kind, words=KINDS),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("operator", _l("Operator"), dimensions.name_of(User, ROW.operator_id), "person"),
        Column("direction", _l("Direction"), ROW.direction, words=words.DIRECTIONS),
        Column("result", _l("Result"), ROW.result, words=words.RESULTS),
        Column("talk", _l("Talk"), ROW.talk_s, "duration"),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        dimensions.of_groups(ROW.operator_id),
        dimensions.of_operators(ROW.operator_id),
        Filter("what", _l("What"), ROW.kind, words=KINDS),
    ),
    source=visits.FACT.source,
)
