"""Calls that an operator passed on, and what became of them behind the transfer."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, not_, select

from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Dimension, Measure, Sum, share
from portal.wall.criteria import looked_up

_NEXT = looked_up(Visit, "visit_behind")
_SAME = looked_up(Visit, "visit_of_the_same")
_BEHIND = and_(
    _NEXT.company_id == Visit.company_id,
    _NEXT.call_id == Visit.call_id,
    _NEXT.ordinal > Visit.ordinal,
    _NEXT.kind != "consultation",
)


def _next(column: object) -> object:
    """Return what stands in the next part of the call, as far as the viewer sees it."""
    return select(column).where(_BEHIND).order_by(_NEXT.ordinal).limit(1).scalar_subquery()  # type: ignore[call-overload]  # a column


RESULT = _next(_NEXT.result)
# Of a queue through which somebody asks, the log says that it passed the call on as well: to the
# very person who had answered there.
_ASKED_HERE = (
    select(_SAME.id)
    .where(
        _SAME.company_id == Visit.company_id,
        _SAME.call_id == Visit.call_id,
        _SAME.ordinal == Visit.ordinal + 1,
        _SAME.kind == "transfer",
        _SAME.operator_id == Visit.operator_id,
    )
    .exists()
)

TRANSFERS = Sum("transfers")
TAKEN_ON = Sum("taken_on", RESULT == "answered")

PASSED_ON = Measure(
    "transfers",
    _l("Transfers"),
    _l("Calls that ended for somebody by being passed on, to a person, a queue or a number."),
    (TRANSFERS,),
)
TAKEN = Measure(
    "taken_on",
    _l("Answered after it"),
    _l("Transfers behind which a person answered, in a part of the call that you see."),
    (TAKEN_ON,),
    better=1,
)
TAKEN_SHARE = Measure(
    "taken_share",
    _l("Answered %"),
    _l("Transfers behind which a person answered as a share of all."),
    (TAKEN_ON, TRANSFERS),
    unit="percent",
    value=share(TAKEN_ON, TRANSFERS),
    better=1,
)
TALKED = replace(visits.TALKED, label=_l("Talk before it"), behind=TRANSFERS)

BY_PROJECT, BY_QUEUE, BY_OPERATOR = visits.BY_PROJECT, visits.BY_QUEUE, visits.BY_OPERATOR
BY_TARGET = Dimension("target", _l("Passed on to"), Visit.transferred_to, nothing=_l("Not known"))

COLUMNS = (
    Column("time", _l("Time"), Visit.started_at, "moment"),
    Column("number", _l("Number"), Visit.number, "phone"),
    Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
    Column(
        "queue",
        _l("Queue"),
        func.coalesce(dimensions.name_of(Queue, Visit.queue_id), Visit.queue_raw),
    ),
    Column(
        "from",
        _l("Passed on by"),
        func.coalesce(dimensions.name_of(User, Visit.operator_id), Visit.agent_raw),
        "person",
    ),
    Column("to", _l("Passed on to"), Visit.transferred_to),
    Column(
        "kind",
        _l("Kind"),
        Visit.transferred_to.is_(None),  # who asks first passes on to a person, not to a number
        words={True: _l("Attended"), False: _l("Blind")},
    ),
    Column("talk", _l("Talk before it"), Visit.talk_s, "duration"),
    Column("result", _l("Result"), RESULT, words=words.RESULTS),
)

FACT = replace(
    visits.FACT,
    name="transfers",
    columns=COLUMNS,
    where=(Visit.ended_by == "transfer", not_(_ASKED_HERE)),
    rollups=(),
    source=_l("Transfers stand in the queue log and the call records of your telephone system."),
)
