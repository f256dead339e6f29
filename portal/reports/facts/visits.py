"""Visits: what the call log lists. Their figures stand in roll-ups by day and by hour."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from portal.calls.figures import FIGURES, OperatorDay, ProjectDay, ProjectHour, VisitDay, VisitHour
from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, RollUp, Sum, share


def of_figure(name: str) -> Sum:
    """Return a sum that roll-ups keep, by its name there."""
    figure = FIGURES[name]
    of = getattr(Visit, figure.of) if figure.of else None
    return Sum(name, figure.where(Visit), of, how="max" if figure.most else "sum")


VISITS = of_figure("visits")
ANSWERED = of_figure("answered")
TALK = of_figure("talk_s")
OFFERED = of_figure("offered")
SERVED = of_figure("served")
SERVED_WAIT = of_figure("served_wait_s")
ABANDONED = of_figure("offered_abandoned")
LONGEST_WAIT = of_figure("longest_wait_s")


BY_PROJECT = dimensions.by_project(Visit.project_id)
BY_QUEUE = Dimension("queue", _l("Queue"), Visit.queue_id, Queue, nothing=_l("No queue"))
BY_OPERATOR = dimensions.by_operator(Visit.operator_id)
BY_GROUP = dimensions.by_group(Visit.operator_id)
BY_DID = Dimension("did", _l("Number dialled"), Visit.did, nothing=_l("Not known"))
BY_RESULT = Dimension("result", _l("Result"), Visit.result, words=words.RESULTS)
OF_QUEUE = Filter("queue", _l("Queue"), Visit.queue_id, Queue)
OF_DIALER = Filter("dialer", _l("Dialer"), Visit.dialer_id, Dialer)
OF_RESULT = Filter("result", _l("Result"), Visit.result, words=words.RESULTS)

CALLS = Measure(
    "visits",
    _l("Calls"),
    _l("Stays of calls in queues and their parts outside of them; a transferred call is several."),
    (VISITS,),
)
TALKED_TO = Measure(
    "answered",
    _l("Answered"),
    _l("Calls that a person answered, in a queue or outside of one, in and out."),
    (ANSWERED,),
    better=1,
)
TALKED = Measure(
    "talk",
    _l("Talk"),
    _l("Talk of all calls together, from the answer to the end of their part."),
    (TALK,),
    unit="duration",
    behind=ANSWERED,
)
ENTERED = Measure(
    "offered",
    _l("Offered"),
    _l("Calls that entered a queue; one that enters two counts in each."),
    (OFFERED,),
)
TAKEN = Measure(
    "served",
    _l("Answered"),
    _l("Offered calls that a person answered; the pick-up by a menu or a queue does not count."),
    (SERVED,),
    better=1,
)
LEFT = Measure(
    "abandoned",
    _l("Abandoned"),
    _l("Offered calls whose caller left while waiting."),
    (ABANDONED,),
    better=-1,
)
ASA = Measure(
    "asa",
    _l("ASA"),
    _l("Average speed of answer: how long answered calls waited, on average."),
    (SERVED_WAIT, SERVED),
    unit="duration",
    value=share(SERVED_WAIT, SERVED),
    better=-1,
    behind=SERVED,
)
AHT = Measure(
    "aht",
    _l("AHT"),
    _l("Average handling time: talk of answered calls; what followed a transfer counts apart."),
    (TALK, ANSWERED),
    unit="duration",
    value=share(TALK, ANSWERED),
    behind=ANSWERED,
    kpi="aht",
)
LONGEST = Measure(
    "longest_wait",
    _l("Longest wait"),
    _l("The longest time that anybody waited in a queue, answered or not."),
    (LONGEST_WAIT,),
    unit="duration",
    better=-1,
)

GIVEN_UP = Measure(
    "given_up",
    _l("Abandoned"),
    _l("Calls whose caller left while waiting."),
    (of_figure("abandoned"),),
    better=-1,
)
WAYS = Measure(
    "calls",
    _l("Different calls"),
    _l("Calls of which you see at least one part."),
    (Sum("calls", of=Visit.call_id, how="values"),),
    value=lambda sums: len(sums["calls"]),
    behind=VISITS,
)
PASSED_ON = Measure(
    "passed_on",
    _l("Passed on"),
    _l("Parts of calls that ended by a transfer."),
    (Sum("passed_on", Visit.ended_by == "transfer"),),
)

COLUMNS = (
    Column("time", _l("Time"), Visit.started_at, "moment"),
    Column("direction", _l("Direction"), Visit.direction, words=words.DIRECTIONS),
    Column("number", _l("Number"), Visit.number, "phone"),
    Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
    Column(
        "queue",
        _l("Queue or dialer"),
        func.coalesce(
            dimensions.name_of(Queue, Visit.queue_id),
            dimensions.name_of(Dialer, Visit.dialer_id),
            Visit.queue_raw,
        ),
    ),
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

_ENDS = {
    "caller": _l("The caller hung up"),
    "operator": _l("The operator hung up"),
    "transfer": _l("Passed on"),
    "exchange": _l("The exchange ended it"),
}
PATH = (
    *COLUMNS[:1],
    *COLUMNS[2:3],
    Column("step", _l("Step"), Visit.ordinal, "count"),
    *COLUMNS[3:8],
    Column("exit", _l("Exit"), Visit.ended_by, words=_ENDS),
    Column("to", _l("Passed on to"), Visit.transferred_to),
    *COLUMNS[8:],
)

FILTERS = (
    dimensions.of_projects(Visit.project_id),
    OF_QUEUE,
    OF_DIALER,
    dimensions.of_groups(Visit.operator_id),
    dimensions.of_operators(Visit.operator_id),
    Filter("direction", _l("Direction"), Visit.direction, words=words.DIRECTIONS),
    OF_RESULT,
)

FACT = Fact(
    name="visits",
    model=Visit,
    at=Visit.started_at,
    columns=COLUMNS,
    filters=FILTERS,
    source=_l(
        "Calls come from the logs of your telephone system: import them, or let it send them."
    ),
    rollups=(
        RollUp(ProjectDay, "day"),
        RollUp(VisitDay, "day"),
        RollUp(ProjectHour, "hour"),
        RollUp(VisitHour, "hour"),
    ),
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
)

RAW = replace(FACT, name="raw_visits", rollups=())
DIALLED_IN = replace(RAW, name="dialled_in", where=(Visit.direction == "in",))
SEVERAL = replace(RAW, name="several_parts", where=(Visit.only_visit.is_(False),))

# The visits of somebody, with roll-ups of their own.
OPERATORS = replace(
    FACT,
    name="operators",
    where=(Visit.operator_id.is_not(None),),
    rollups=(RollUp(OperatorDay, "day"),),
)
