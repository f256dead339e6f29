"""Totals from the roll-ups against the same from the visits; counts that end at 1,000."""

from __future__ import annotations

import statistics
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from benchmarks import floor
from benchmarks.clock import Clock
from benchmarks.pages import backend
from benchmarks.stores import Store
from benchmarks.viewers import Page, viewers
from benchmarks.world import DAYS, World
from portal.access.identity import identity_by_id
from portal.calls.log import course, queries
from portal.extensions import db
from portal.wall.scope import Scope, entered

_UTC = ZoneInfo("UTC")
PERIODS = {30: "30 days", 365: "a year"}
WARM_UP, ROUNDS = 2, 5

_HOUR = {"PostgreSQL": "date_trunc('hour', v.started_at)", "SQLite": "substr(v.started_at, 1, 13)"}


@dataclass
class Total:
    """What a total took, in microseconds of CPU; ``raw`` is the same from the visits by hand."""

    viewer: str
    what: str
    ours: float
    raw: float | None = None


def measure(store: Store, world: World) -> list[Total]:
    app, hand = store.portal(), floor.Hand(store)
    totals = []
    for viewer in viewers(world):
        with app.app_context():
            identity = identity_by_id(1, uuid.UUID(viewer.id))
        assert identity is not None
        with app.app_context(), entered(identity.scope):
            clock = Clock(backend())
            for days, label in PERIODS.items():
                page = Page(label, days=(DAYS - days, DAYS))
                ours, columns = _median(clock, lambda page=page: course.columns(page.filters, _UTC))
                asked = floor.asked(store.name, viewer, page)
                raw, counted = _raw(hand, asked, identity.scope)
                if sum(column.figures.visits for column in columns) != counted:
                    raise AssertionError(f"other totals: {viewer.name}, {label}")
                totals.append(Total(viewer.name, label, ours, raw))
            part = Page("part of a number", {"digits": "4850"})
            ours, _ = _median(clock, lambda page=part: queries.counted(page.filters))
            totals.append(Total(viewer.name, "capped count", ours))
    with app.app_context():
        db.engine.dispose()
    return totals


def _raw(hand: floor.Hand, asked: floor.Asked, scope: Scope) -> tuple[float, int]:
    statement = (
        f"SELECT {_HOUR[asked.dialect]}, count(*), sum(wait_s), sum(talk_s),"
        " sum(CASE v.result WHEN 'answered' THEN 1 ELSE 0 END),"
        " sum(CASE v.result WHEN 'abandoned' THEN 1 ELSE 0 END)"
        f" FROM visits v WHERE {asked.where} AND {asked.seen} GROUP BY 1"
    )
    run = hand.runner(statement, asked.values, scope)
    taken, rows = _median(Clock(hand.backend), run, rounds=1)
    return taken, sum(row[1] for row in rows)


def _median(clock: Clock, work, rounds: int = ROUNDS):  # type: ignore[no-untyped-def]  # any work
    runs = [clock(work) for _ in range(WARM_UP * (rounds > 1) + rounds)]
    return statistics.median(taken for taken, _ in runs[-rounds:]), runs[-1][1]
