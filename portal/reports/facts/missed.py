"""Calls that nobody took, and whether somebody called back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, not_, select

from portal.calls.log import words
from portal.calls.models import Visit
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports import clock, dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Dimension, Measure, Sum, share
from portal.wall.criteria import looked_up

# All that is not answered, and over, and known: who left in a menu reached nobody's phone or queue.
RESULTS = (
    "abandoned",
    "timed_out",
    "left_by_key",
    "queue_empty",
    "withdrawn",
    "refused",
    "no_answer",
    "busy",
    "failed",
)
_LATER = looked_up(Visit, "later_part")
_BACK, _REACHED = looked_up(Visit, "call_back"), looked_up(Visit, "call_back_reached")
_CALLER = looked_up(User, "who_called_back")

# A call counts once, in its last part; that somebody asked a colleague in vain is none.
_WENT_ON = (
    select(_LATER.id)
    .where(
        _LATER.company_id == Visit.company_id,
        _LATER.call_id == Visit.call_id,
        _LATER.ordinal > Visit.ordinal,
        _LATER.kind != "consultation",
        _LATER.result != "left_menu",
    )
    .exists()
)
MISSED = and_(
    Visit.direction == "in",
    Visit.kind != "consultation",
    Visit.result.in_(RESULTS),
    not_(_WENT_ON),
)


def _to_the_caller(back: Any) -> Any:
    """Return the condition that ``back`` is a later call to the one who was missed."""
    return and_(
        back.company_id == Visit.company_id,
        back.digits == Visit.digits,
        back.digits != "",
        back.direction == "out",
        back.started_at > Visit.started_at,
    )


def _first(column: Any) -> Any:
    back = select(column).where(_to_the_caller(_BACK))
    return back.order_by(_BACK.started_at, _BACK.id).limit(1).scalar_subquery()


_NAME = (
    select(_CALLER.name)
    .where(_CALLER.company_id == _BACK.company_id, _CALLER.id == _BACK.operator_id)
    .scalar_subquery()
)
CALLED_AT = _first(_BACK.started_at)
_CALLED = select(_BACK.id).where(_to_the_caller(_BACK)).exists()
_SPOKEN = select(_REACHED.id).where(_to_the_caller(_REACHED), _REACHED.result == "answered")
_DELAY_S = clock.Slot(CALLED_AT, 1) - clock.Slot(Visit.started_at, 1)

COUNT = Sum("missed")
CALLED = Sum("called_back", _CALLED)
SPOKEN = Sum("reached", _SPOKEN.exists())
DELAY = Sum("delay_s", _CALLED, _DELAY_S)

CALLS = Measure(
    "missed",
    _l("Missed"),
    _l("Calls that came in and that nobody took in the last part that you see, each once there."),
    (COUNT,),
    better=-1,
)
CALLED_BACK = Measure(
    "called_back",
    _l("Called back"),
    _l("Missed calls whose number was called later, whether or not anybody answered."),
    (CALLED,),
    better=1,
)
REACHED = Measure(
    "reached",
    _l("Reached"),
    _l("Missed calls whose number was called later and answered."),
    (SPOKEN,),
    better=1,
)
CALLED_SHARE = Measure(
    "called_share",
    _l("Called back %"),
    _l("Missed calls whose number was called later as a share of all missed ones."),
    (CALLED, COUNT),
    unit="percent",
    value=share(CALLED, COUNT),
    better=1,
)
AFTER = Measure(
    "delay",
    _l("Delay"),
    _l("How long it took on average until the number was called."),
    (DELAY, CALLED),
    unit="duration",
    value=share(DELAY, CALLED),
    better=-1,
    behind=CALLED,
)

BY_QUEUE, BY_PROJECT = visits.BY_QUEUE, visits.BY_PROJECT
BY_CALLER = Dimension(
    "operator", _l("Called back by"), _first(_BACK.operator_id), User, nothing=_l("Nobody")
)

FACT = replace(
    visits.RAW,
    name="missed",
    where=(MISSED,),
    columns=(
        Column("time", _l("Time"), Visit.started_at, "moment"),
        Column("number", _l("Number"), Visit.number, "phone"),
        Column("project", _l("Project"), dimensions.name_of(Project, Visit.project_id)),
        Column(
            "queue",
            _l("Queue"),
            func.coalesce(dimensions.name_of(Queue, Visit.queue_id), Visit.queue_raw),
        ),
        Column("wait", _l("Wait"), Visit.wait_s, "duration"),
        Column("result", _l("Result"), Visit.result, words=words.RESULTS),
        Column("called_at", _l("Called back"), CALLED_AT, "moment"),
        Column("by", _l("By whom"), _first(func.coalesce(_NAME, _BACK.agent_raw)), "person"),
        Column("after", _l("Delay"), _DELAY_S, "duration"),
    ),
)
