"""Visits: what the call log lists. Their figures stand in roll-ups by day and by hour."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func

from portal.calls.log import words
from portal.calls.models import ProjectDay, Visit, VisitDay, VisitHour
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, RollUp, Sum, Sums

_ENTERED = Visit.kind == "queue"
_SERVED = and_(_ENTERED, Visit.result == "answered")

VISITS = Sum("visits")
ANSWERED = Sum("answered", Visit.result == "answered")
TALK = Sum("talk_s", of=Visit.talk_s)
OFFERED = Sum("offered", _ENTERED)
SERVED = Sum("served", _SERVED)
ABANDONED = Sum("offered_abandoned", and_(_ENTERED, Visit.result == "abandoned"))
SERVED_WAIT = Sum("served_wait_s", _SERVED, Visit.wait_s)
LONGEST_WAIT = Sum("longest_wait_s", _ENTERED, Visit.wait_s, how="max")
SERVED_WITHIN = {
    seconds: Sum(f"served_{seconds}", and_(_SERVED, Visit.wait_s <= seconds))
    for seconds in (10, 20, 30, 60, 120)
}


def _share(part: Sum, whole: Sum) -> Any:
    return lambda sums: _ratio(sums[part.name], sums[whole.name])


def _ratio(part: Any, whole: Any) -> float | None:
    return part / whole if whole else None


def _mean_handling(sums: Sums) -> float | None:
    return _ratio(sums["talk_s"], sums["answered"])


BY_PROJECT = dimensions.by_project(Visit.project_id)
BY_QUEUE = Dimension("queue", _l("Queue"), Visit.queue_id, Queue, nothing=_l("No queue"))
BY_OPERATOR = dimensions.by_operator(Visit.operator_id)
BY_GROUP = dimensions.by_group(Visit.operator_id)
BY_RESULT = Dimension("result", _l("Result"), Visit.result, words=words.RESULTS)

CALLS = Measure(
    "visits",
    _l("Calls"),
    _l("Stays of calls in queues and their parts outside of them; a transferred call is several."),
    (VISITS,),
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
ABANDONMENT = Measure(
    "abandonment",
    _l("Abandonment"),
    _l("Abandoned calls as a share of all offered ones."),
    (ABANDONED, OFFERED),
    unit="percent",
    value=_share(ABANDONED, OFFERED),
    better=-1,
    kpi="abandonment",
)
SERVICE_LEVEL = Measure(
    "service_level",
    _l("Service level"),
    _l("Calls answered within 20 seconds as a share of all offered ones."),
    (SERVED_WITHIN[20], OFFERED),
    unit="percent",
    value=_share(SERVED_WITHIN[20], OFFERED),
    better=1,
    kpi="service_level",
)
ASA = Measure(
    "asa",
    _l("ASA"),
    _l("Average speed of answer: how long answered calls waited, on average."),
    (SERVED_WAIT, SERVED),
    unit="duration",
    value=_share(SERVED_WAIT, SERVED),
    better=-1,
    behind=SERVED,
)
AHT = Measure(
    "aht",
    _l("AHT"),
    _l("Average handling time: talk of answered calls; what followed a transfer counts apart."),
    (TALK, ANSWERED),
    unit="duration",
    value=_mean_handling,
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

FILTERS = (
    dimensions.of_projects(Visit.project_id),
    Filter("queue", _l("Queue"), Visit.queue_id, Queue),
    Filter("dialer", _l("Dialer"), Visit.dialer_id, Dialer),
    dimensions.of_groups(Visit.operator_id),
    dimensions.of_operators(Visit.operator_id),
    Filter("direction", _l("Direction"), Visit.direction, words=words.DIRECTIONS),
    Filter("result", _l("Result"), Visit.result, words=words.RESULTS),
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
    rollups=(RollUp(ProjectDay, "day"), RollUp(VisitDay, "day"), RollUp(VisitHour, "hour")),
    link=lambda visit_id: url_for("calls.show", visit_id=visit_id),
    masked=True,
)
