"""What the visits of a company add up to, counted one by one: what the roll-ups must hold."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.calls.costs import SUMS, CostDay
from portal.calls.figures import FIGURES, ROLL_UPS
from portal.calls.models import Visit
from portal.company.models import Company
from portal.extensions import db
from portal.objects.fields import entries
from portal.objects.kinds.sip_provider import SipProvider
from portal.objects.kinds.sip_provider.rules import Price, read_price

DIMENSIONS = {
    "visit_hours": "project_id queue_id dialer_id direction result",
    "visit_days": "project_id queue_id dialer_id direction result",
    "project_hours": "project_id",
    "project_days": "project_id",
    "operator_days": "project_id operator_id queue_id direction",
}
Sums = dict[str, int]


def figures(visit: Any) -> Sums:
    """Say in plain words what one visit is counted as."""
    wait = visit.wait_s
    offered = visit.kind == "queue"
    served, left = (offered and visit.result == result for result in ("answered", "abandoned"))
    known = wait is not None
    counted = {
        "visits": 1,
        "first_visits": visit.first_in_project and not visit.crosses_projects,
        "only_visits": visit.only_visit,
        "wait_s": wait or 0,
        "talk_s": visit.talk_s or 0,
        "answered": visit.result == "answered",
        "abandoned": visit.result == "abandoned",
        "offered": offered,
        "served": served,
        "served_wait_s": (wait or 0) if served else 0,
        "offered_abandoned": left,
        "abandoned_5": left and known and wait < 5,
        "abandoned_10": left and known and wait < 10,
        "longest_wait_s": (wait or 0) if offered else 0,
    }
    for most in (10, 20, 30, 60, 120):
        counted[f"served_{most}"] = served and known and wait <= most
    return {name: int(counted[name]) for name in FIGURES}


def cost(visit: Any, prices: list[Price]) -> tuple[int, ...]:
    """Say in plain words what one visit costs."""
    dialled = visit.digits[2:] if visit.digits[:2] == "00" else visit.digits
    day, talked = visit.started_at.astimezone(dt.UTC).date(), visit.talk_s or 0
    fitting = [
        (len(one.prefix), one.since or dt.date.min, one)
        for one in prices
        if dialled.startswith(one.prefix) and (one.since is None or one.since <= day)
    ]
    if not fitting:
        return 1, talked, 0, 0, 0
    price = max(fitting, key=lambda one: one[:2])[2]
    counted = math.ceil(talked / price.step_s) * price.step_s
    return 1, talked, 1, counted, int((price.setup + price.price * counted / 60) * 1_000_000)


def start(visit: Any, table: str, zone: ZoneInfo) -> dt.datetime:
    if table.endswith("hours"):
        return visit.started_at.replace(minute=0, second=0, microsecond=0)
    day = visit.started_at.astimezone(zone).date()
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(dt.UTC)


def assert_totals_are_of_the_visits() -> None:
    """Compare all roll-ups of the company with what its visits add up to."""
    db.session.expire_all()
    company = db.session.scalars(select(Company)).one()
    zone = ZoneInfo(company.figures_timezone)
    visits = db.session.scalars(select(Visit)).all()
    assert {model.__tablename__ for model in ROLL_UPS} == set(DIMENSIONS)
    for model in ROLL_UPS:
        names = DIMENSIONS[model.__tablename__].split()
        assert model.dimensions == tuple(names)
        expected: dict[tuple[Any, ...], Sums] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
        for visit in visits:
            if "operator_id" in names and visit.operator_id is None:
                continue
            key = (start(visit, model.__tablename__, zone), *(getattr(visit, n) for n in names))
            for name, amount in figures(visit).items():
                kept = expected[key][name]
                expected[key][name] = max(kept, amount) if "longest" in name else kept + amount
        found = {}
        for row in db.session.scalars(select(model)):
            key = (row.starts_at, *(getattr(row, name) for name in names))
            assert key not in found
            found[key] = {name: getattr(row, name) for name in FIGURES}
        assert found == expected
    if company.costs_hold:
        _assert_costs_are_of_the_visits(visits, zone)


def _assert_costs_are_of_the_visits(visits: Any, zone: ZoneInfo) -> None:
    prices = {
        one.id: entries(one.prices, read_price) for one in db.session.scalars(select(SipProvider))
    }
    expected: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for visit in visits:
        if (visit.kind, visit.direction, visit.result) == ("direct", "out", "answered"):
            key = start(visit, "cost_days", zone), visit.project_id, visit.provider_id
            amounts = cost(visit, prices.get(visit.provider_id, []))
            expected[key] = [one + more for one, more in zip(expected[key], amounts, strict=True)]
    rows = db.session.scalars(select(CostDay)).all()
    found = {
        (row.starts_at, row.project_id, row.provider_id): [getattr(row, name) for name in SUMS]
        for row in rows
    }
    assert found == expected
    assert len(rows) == len(found)
