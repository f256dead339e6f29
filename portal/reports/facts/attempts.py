"""Attempts to reach a number: the calls of a dialer to it, counted from the first one ever."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, or_, select

from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.facts import dialled
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

# What comes later is counted together.
_MOST_TOLD = 10


def _of_a_number(function: Any) -> Any:
    """Let a function look at the calls of a dialer to one number, in their order."""
    return function.over(
        partition_by=(Visit.company_id, Visit.dialer_id, Visit.digits),
        order_by=(Visit.started_at, Visit.id),
    )


_CALLS = (
    select(
        Visit.company_id, Visit.id, Visit.project_id, Visit.started_at, Visit.dialer_id,
        Visit.number, Visit.operator_id, Visit.agent_raw, Visit.result, Visit.kind,
        Visit.wait_s, Visit.talk_s,
        _of_a_number(func.row_number()).label("attempt"),
        _of_a_number(func.lag(Visit.started_at)).label("before"),
    )
    .where(Visit.dialer_id.is_not(None))
    .subquery("attempts")
)  # fmt: skip
ROW = _CALLS.c
_GAP_S = clock.Slot(ROW.started_at, 1) - clock.Slot(ROW.before, 1)
_AGAIN = ROW.before.is_not(None)

CALLS = Sum("calls")
REACHED = Sum("reached", or_(ROW.result == "answered", ROW.kind == "queue"))
AGAIN = Sum("again", _AGAIN)
GAPS = Sum("gaps_s", _AGAIN, _GAP_S)
LONGEST = Sum("longest_gap_s", _AGAIN, _GAP_S, how="max")

BY_ATTEMPT = Dimension(
    "attempt",
    _l("Attempt"),
    case((ROW.attempt < _MOST_TOLD, ROW.attempt), else_=_MOST_TOLD),
    words={number: str(number) for number in range(1, _MOST_TOLD)}
    | {_MOST_TOLD: _l("10th and later")},
)
BY_DIALER = Dimension("dialer", _l("Dialer"), ROW.dialer_id, Dialer, nothing=_l("Other dialers"))
BY_PROJECT = dimensions.by_project(ROW.project_id)

MADE = Measure(
    "calls",
    _l("Calls"),
    _l("Attempts that dialers made; the first, second … at a number of the dialer, by time."),
    (CALLS,),
)
REACHED_ONES = Measure(
    "reached", _l("Reached"), _l("Attempts that the client answered."), (REACHED,), better=1
)
CONTACT = Measure(
    "contact_rate",
    _l("Contact %"),
    _l("Attempts that the client answered as a share of all of them."),
    (REACHED, CALLS),
    unit="percent",
    value=share(REACHED, CALLS),
    better=1,
)
MEAN_GAP = Measure(
    "gap",
    _l("Average gap"),
    _l("How long after the attempt before it was tried again, on average."),
    (GAPS, AGAIN),
    unit="duration",
    value=share(GAPS, AGAIN),
    behind=AGAIN,
)
LONGEST_GAP = Measure(
    "longest_gap",
    _l("Longest gap"),
    _l("The longest time between two attempts at the same number."),
    (LONGEST,),
    unit="duration",
    behind=AGAIN,
)

FACT = Fact(
    name="attempts",
    model=_CALLS,
    at=ROW.started_at,
    columns=(
        Column("time", _l("Time"), ROW.started_at, "moment"),
        Column("number", _l("Number"), ROW.number, "phone"),
        Column("attempt", _l("Attempt"), ROW.attempt, "count"),
        Column("gap", _l("Gap"), _GAP_S, "duration"),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("dialer", _l("Dialer"), dimensions.name_of(Dialer, ROW.dialer_id)),
        Column(
            "operator",
            _l("Operator"),
            func.coalesce(dimensions.name_of(User, ROW.operator_id), ROW.agent_raw),
            "person",
        ),
        Column("talk", _l("Talk"), ROW.talk_s, "duration"),
        Column("result", _l("Result"), ROW.result, words=words.RESULTS),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        Filter("dialer", _l("Dialer"), ROW.dialer_id, Dialer),
        dimensions.of_groups(ROW.operator_id),
        dimensions.of_operators(ROW.operator_id),
        Filter("result", _l("Result"), ROW.result, words=words.RESULTS),
    ),
    source=dialled.SOURCE,
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
)
