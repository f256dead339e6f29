"""Calls that dialers made, each an attempt to reach somebody."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, func, or_, select

from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import Dialer
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Dimension, Fact, Measure, Sum, different, share

# A channel of the exchange itself is nobody's phone.
_NOBODY_SPOKE = and_(
    Visit.operator_id.is_(None),
    or_(Visit.agent_raw.is_(None), Visit.agent_raw.startswith("Local/")),
)
# Who is put into a queue has answered before.
_PICKED_UP = or_(Visit.result == "answered", Visit.kind == "queue")
_LOST = or_(
    and_(Visit.kind == "queue", Visit.result != "answered"),
    and_(Visit.result == "answered", _NOBODY_SPOKE),
)
_HELD_S = case((Visit.kind == "queue", Visit.wait_s), else_=Visit.talk_s)

CALLS = Sum("calls")
TASKS = Sum("numbers", of=Visit.digits, how="values")
REACHED = Sum("reached", _PICKED_UP)
LOST = Sum("lost", _LOST)
HELD = Sum("held_s", _LOST, func.coalesce(_HELD_S, 0))
LONGEST_HELD = Sum("longest_held_s", _LOST, _HELD_S, how="max")
RESULTS = {one: Sum(one, Visit.result == one) for one in ("busy", "no_answer", "failed")}

# Dialers that let a scenario talk lose nobody.
WITH_OPERATORS = Visit.dialer_id.not_in(select(Dialer.id).where(Dialer.scenario_id.is_not(None)))

_SAME_NUMBER = and_(
    DialerNumber.company_id == Visit.company_id,
    DialerNumber.dialer_id == Visit.dialer_id,
    DialerNumber.number == "+" + Visit.digits,
)
BY_DIALER = Dimension("dialer", _l("Dialer"), Visit.dialer_id, Dialer, nothing=_l("Other dialers"))
BY_PROJECT, BY_OPERATOR = visits.BY_PROJECT, visits.BY_OPERATOR
BY_IMPORT = dimensions.by_import(DialerNumber.named_by, join=(DialerNumber, _SAME_NUMBER))

MADE = Measure("calls", _l("Calls"), _l("Calls of dialers, whatever came of them."), (CALLS,))
CALLED = Measure(
    "tasks",
    _l("Tasks"),
    _l("Different numbers that were called; one called three times is one task."),
    (TASKS,),
    value=different(TASKS),
)
REACHED_ONES = Measure(
    "reached",
    _l("Reached"),
    _l("Calls that the client answered, whether an operator was there or not."),
    (REACHED,),
    better=1,
)
CONTACT = Measure(
    "contact_rate",
    _l("Contact %"),
    _l("Calls that the client answered as a share of all calls."),
    (REACHED, CALLS),
    unit="percent",
    value=share(REACHED, CALLS),
    better=1,
)
BUSY = Measure("busy", _l("Busy"), _l("Calls to numbers that were engaged."), (RESULTS["busy"],))
NO_ANSWER = Measure(
    "no_answer", _l("No answer"), _l("Calls that rang until they ended."), (RESULTS["no_answer"],)
)
FAILED = Measure(
    "failed",
    _l("Failed"),
    _l("Calls that the line did not put through, such as to a wrong number."),
    (RESULTS["failed"],),
    better=-1,
)
LOSSES = Measure(
    "lost",
    _l("Lost"),
    _l("Calls that the client answered and no operator did: they left, or nobody was free."),
    (LOST,),
    better=-1,
)
LOSS_RATE = Measure(
    "loss_rate",
    _l("Lost %"),
    _l("Lost calls as a share of those that the client answered."),
    (LOST, REACHED),
    unit="percent",
    value=share(LOST, REACHED),
    better=-1,
)
MEAN_HELD = Measure(
    "wait",
    _l("Average wait"),
    _l("How long clients of lost calls waited for an operator, on average."),
    (HELD, LOST),
    unit="duration",
    value=share(HELD, LOST),
    better=-1,
)
LONGEST = Measure(
    "longest_wait",
    _l("Longest wait"),
    _l("The longest time that the client of a lost call waited for an operator."),
    (LONGEST_HELD,),
    unit="duration",
    better=-1,
)

SOURCE = _l(
    "Calls of dialers come from the logs of your telephone system: import them, and say which"
    " account code or context of the exchange is which dialer."
)
FILTERS = (
    dimensions.of_projects(Visit.project_id),
    visits.OF_DIALER,
    dimensions.of_groups(Visit.operator_id),
    dimensions.of_operators(Visit.operator_id),
    visits.OF_RESULT,
)
COLUMNS = (
    Column("time", _l("Time"), Visit.started_at, "moment"),
    Column("number", _l("Number"), Visit.number, "phone"),
    Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
    Column("dialer", _l("Dialer"), dimensions.name_of(Dialer, Visit.dialer_id)),
    Column(
        "operator",
        _l("Operator"),
        func.coalesce(dimensions.name_of(User, Visit.operator_id), Visit.agent_raw),
        "person",
    ),
    Column("wait", _l("Wait"), Visit.wait_s, "duration"),
    Column("talk", _l("Talk"), Visit.talk_s, "duration"),
    Column("result", _l("Result"), Visit.result, words=words.RESULTS),
)
FACT = Fact(
    name="dialled",
    model=Visit,
    at=Visit.started_at,
    columns=COLUMNS,
    filters=FILTERS,
    source=SOURCE,
    where=(Visit.dialer_id.is_not(None),),
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
)
