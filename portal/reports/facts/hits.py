"""Calls whose number stands in a list: each list that it stands in is one hit.

Numbers are compared with their country's code, which a call may have with or without two zeros.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, case, func, literal, or_, select

from portal.calls.log import words
from portal.calls.models import Visit
from portal.objects.kinds.number_list import NumberList
from portal.objects.kinds.queue import Queue
from portal.objects.numbers.models import NumberListEntry
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum

DONE = {"blocked": _l("Blocked"), "vip": _l("VIP"), "let_through": _l("Let through")}

_PLUS = literal("+")
_NUMBER = case(
    (Visit.digits.startswith("00"), _PLUS + func.substr(Visit.digits, 3)),
    else_=_PLUS + Visit.digits,
)
# The wall of lists and their numbers is that of their projects, whoever's call it was.
_HITS = (
    select(
        Visit.company_id, NumberListEntry.id, Visit.project_id, Visit.started_at, Visit.number,
        Visit.queue_id, Visit.queue_raw, Visit.direction, Visit.result, NumberListEntry.list_id,
        NumberListEntry.label, NumberList.purpose, Queue.blocked_list_id, Queue.vip_list_id,
    )
    # Outer joins, and nothing that says they need not be: else SQLite goes through all visits again
    # for each number of the lists.
    .outerjoin(
        NumberListEntry,
        (NumberListEntry.company_id == Visit.company_id) & (NumberListEntry.number == _NUMBER),
    )
    .outerjoin(
        NumberList,
        (NumberList.company_id == NumberListEntry.company_id)
        & (NumberList.id == NumberListEntry.list_id),
    )
    .outerjoin(Queue, (Queue.company_id == Visit.company_id) & (Queue.id == Visit.queue_id))
    .where(
        func.coalesce(NumberList.purpose, "") != "",
        or_(
            NumberListEntry.expires_on.is_(None),
            NumberListEntry.expires_on >= func.date(Visit.started_at, type_=Date()),
        ),
    )
    .subquery("hits")
)  # fmt: skip
ROW = _HITS.c
_UNWANTED = or_(ROW.list_id == ROW.blocked_list_id, ROW.purpose == "unwanted")
_VIP = or_(ROW.list_id == ROW.vip_list_id, ROW.purpose == "vip")
_DONE = case((_UNWANTED & (ROW.result == "refused"), "blocked"), (_VIP, "vip"), else_="let_through")

HITS = Sum("hits")
SUMS = {one: Sum(one, one == _DONE) for one in DONE}

BY_LIST = Dimension("list", _l("List"), ROW.list_id, NumberList)
BY_DONE = Dimension("done", _l("What was done"), _DONE, words=DONE)
BY_QUEUE = Dimension("queue", _l("Queue"), ROW.queue_id, Queue, nothing=_l("No queue"))
BY_PROJECT = dimensions.by_project(ROW.project_id)

FOUND = Measure(
    "hits",
    _l("Hits"),
    _l("Calls from or to numbers of a list; a number that stands in two lists is a hit in each."),
    (HITS,),
)
BLOCKED = Measure(
    "blocked",
    _l("Blocked"),
    _l("Calls from unwanted numbers that were refused."),
    (SUMS["blocked"],),
)
VIPS = Measure("vip", _l("VIP"), _l("Calls of numbers that come first."), (SUMS["vip"],))
LET_THROUGH = Measure(
    "let_through",
    _l("Let through"),
    _l("Calls with which nothing was done on account of the list, or unwanted and not refused."),
    (SUMS["let_through"],),
)

FACT = Fact(
    name="hits",
    model=_HITS,
    at=ROW.started_at,
    columns=(
        Column("time", _l("Time"), ROW.started_at, "moment"),
        Column("list", _l("List"), dimensions.name_of(NumberList, ROW.list_id)),
        Column("label", _l("Label"), ROW.label),
        Column("number", _l("Number"), ROW.number, "phone"),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column(
            "queue",
            _l("Queue"),
            func.coalesce(dimensions.name_of(Queue, ROW.queue_id), ROW.queue_raw),
        ),
        Column("direction", _l("Direction"), ROW.direction, words=words.DIRECTIONS),
        Column("result", _l("Result"), ROW.result, words=words.RESULTS),
        Column("done", _l("What was done"), _DONE, words=DONE),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        Filter("list", _l("List"), ROW.list_id, NumberList),
        Filter("queue", _l("Queue"), ROW.queue_id, Queue),
        Filter("direction", _l("Direction"), ROW.direction, words=words.DIRECTIONS),
    ),
    source=_l(
        "Hits are calls whose number stands in one of your lists: import calls from your telephone"
        " system, and fill the lists."
    ),
    masked=True,
)
