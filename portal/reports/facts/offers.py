"""Offers: each time that a call in a queue rang at somebody's."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func

from portal.calls.log import words
from portal.calls.models import Offer, Visit
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts import visits
from portal.reports.terms import Column, Fact, Filter, Measure, Sum, share

# Nobody missed what the caller ended, or what rang at several and another took.
NOT_TAKEN = Offer.result.not_in(("answered", "taken_by_other", "cancelled"))
_ITS_VISIT = and_(Visit.company_id == Offer.company_id, Visit.id == Offer.visit_id)
_RING_S = Offer.ring_ms // 1000

OFFERED = Sum("offered")
MISSED = Sum("missed", NOT_TAKEN)
RING = Sum("ring_s", and_(NOT_TAKEN, Offer.ring_ms.is_not(None)), _RING_S)
RINGS = Sum("rings", and_(NOT_TAKEN, Offer.ring_ms.is_not(None)))

BY_OPERATOR = dimensions.by_operator(Offer.operator_id)
BY_GROUP = dimensions.by_group(Offer.operator_id)
BY_QUEUE = visits.BY_QUEUE
BY_PROJECT = dimensions.by_project(Offer.project_id)

MEASURES = (
    Measure(
        "offered",
        _l("Offers"),
        _l("Times that a call rang at somebody's, of calls that began in the period."),
        (OFFERED,),
    ),
    Measure(
        "missed",
        _l("Not taken"),
        _l("Offers that rang in vain or were refused, while the caller still waited."),
        (MISSED,),
        better=-1,
    ),
    Measure(
        "rate",
        _l("Not taken %"),
        _l("Offers that were not taken as a share of all."),
        (MISSED, OFFERED),
        unit="percent",
        value=share(MISSED, OFFERED),
        better=-1,
    ),
    Measure(
        "ring",
        _l("Ring time"),
        _l("How long offers that were not taken rang, together."),
        (RING,),
        unit="duration",
    ),
    Measure(
        "mean_ring",
        _l("Average ring time"),
        _l("How long an offer that was not taken rang on average, where that is known."),
        (RING, RINGS),
        unit="duration",
        value=share(RING, RINGS),
    ),
)

FACT = Fact(
    name="offers",
    model=Offer,
    at=Visit.started_at,
    columns=(
        Column("time", _l("Time"), Offer.at, "moment"),
        Column("number", _l("Number"), Visit.number, "phone"),
        Column("project", _l("Project"), dimensions.name_of(Project, Offer.project_id)),
        Column(
            "queue",
            _l("Queue"),
            func.coalesce(dimensions.name_of(Queue, Visit.queue_id), Visit.queue_raw),
        ),
        Column(
            "operator",
            _l("Operator"),
            func.coalesce(dimensions.name_of(User, Offer.operator_id), Offer.agent_raw),
            "person",
        ),
        Column("ring", _l("Ring time"), _RING_S, "duration"),
        Column("result", _l("Result"), Offer.result, words=words.OFFERS),
    ),
    filters=(
        dimensions.of_projects(Offer.project_id),
        visits.OF_QUEUE,
        dimensions.of_groups(Offer.operator_id),
        dimensions.of_operators(Offer.operator_id),
        Filter("result", _l("Result"), Offer.result, words=words.OFFERS),
    ),
    source=_l(
        "At whose phones calls rang stands in the queue log of your telephone system: import it,"
        " or let it send it."
    ),
    joins=((Visit, _ITS_VISIT),),
    masked=True,
)
