"""``python -m benchmarks.reports [visits]``: reports against SQL by hand over the same roll-ups.

Every report that roll-ups can answer, of 30 days and of a year: its query, until the groups are
told apart, named and summed up; and its whole table as a request makes it, from what the address
says, with targets, order, words and total. Both are held against one SELECT of the same groups,
names and sums through the bare driver. The figures are compared group by group. For scale some
are made from raw visits.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from benchmarks import floor, stores
from benchmarks.clock import Clock
from benchmarks.figures import PERIODS
from benchmarks.pages import backend
from benchmarks.stores import Store
from benchmarks.viewers import Page, Viewer, viewers
from benchmarks.world import DAYS, SEED, World
from portal import languages
from portal.access.identity import assume, identity_by_id
from portal.company.models import Company
from portal.extensions import db
from portal.reports import asked as asking
from portal.reports import clock, plans, queries, tables
from portal.reports.asked import Asked
from portal.reports.registry import REPORTS
from portal.reports.terms import Report

VIEWERS = ("everything", "five mixed", "299 projects")
# PostgreSQL plans a prepared statement anew ten times before it keeps a plan.
WARM_UP, ROUNDS = 6, 5
HEAD = (
    "report | viewer | period | groups | by hand, ms | query, ms | ratio | table, ms | ratio"
    " | from visits, ms"
)


@dataclass
class Case:
    """A report of a viewer and a period; ``taken``: microseconds of CPU of each way."""

    report: Report
    viewer: Viewer
    days: int
    statement: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    groups: int = 0
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def page(self) -> Page:
        return Page(PERIODS[self.days], days=(DAYS - self.days, DAYS))

    def median(self, name: str) -> float:
        return median(self.taken[name]) / 1000


def measure(store: Store, world: World) -> list[Case]:
    app, hand = store.portal(), floor.Hand(store)
    cases = [
        Case(report, viewer, days)
        for report in REPORTS.values()
        if report.fact.rollups
        for viewer in viewers(world)
        if viewer.name in VIEWERS
        for days in PERIODS
    ]
    for case in cases:
        _prepare(app, store, case)
        _check(app, hand, case)
    for number in range(WARM_UP + ROUNDS):
        runs = [(case, name) for case in cases for name in ("hand", "query", "table")]
        random.Random(SEED + number).shuffle(runs)
        for case, name in runs:
            taken, _ = _by_hand(hand, case) if name == "hand" else _ours(app, case, WAYS[name])
            if number >= WARM_UP:
                case.taken[name].append(taken)
    for case in cases:
        if case.days == 30 and case.viewer.name == "everything":
            with mock.patch.object(plans, "rollup_for", return_value=None):
                case.taken["visits"].append(_ours(app, case)[0])
    with app.app_context():
        db.engine.dispose()
    return cases


def rows(cases: Iterable[Case]) -> Iterator[tuple[Any, ...]]:
    for case in cases:
        hand, query, table = (case.median(name) for name in ("hand", "query", "table"))
        raw = f"{case.median('visits'):,.0f}" if case.taken["visits"] else "–"
        taken = f"{hand:,.1f}", *(f"{n:,.1f} | {n / hand:.2f}" for n in (query, table)), raw
        yield case.report.name, case.viewer.name, PERIODS[case.days], case.groups, *taken


def _asked(case: Case) -> Asked:
    period = case.page.filters.period
    chosen = {"period": period.name, "from": period.first_day, "to": period.last_day}
    arguments = MultiDict({name: str(value) for name, value in chosen.items()})
    return asking.read(case.report, arguments, timezone=languages.timezone())


def _query(asked: Asked) -> Any:
    return queries.gathered(asked, asked.by, asked.period)


WAYS = {"query": _query, "table": tables.make}


def _ours(app: Flask, case: Case, work: Any = tables.make) -> tuple[float, Any]:
    """Work as a request does: who is asking was told to the database before."""
    with app.app_context():
        identity = identity_by_id(1, uuid.UUID(case.viewer.id))
    assert identity is not None
    with app.test_request_context("/"):
        assume(identity)
        spent = Clock(backend())
        db.session.scalar(select(Company.id))
        taken, found = spent(lambda: work(_asked(case)))
        db.session.rollback()
        return taken, found


def _prepare(app: Flask, store: Store, case: Case) -> None:
    """Write the same question down as one statement over the roll-up that ours reads."""
    sums = case.report.sums

    def table_of(asked: Asked) -> Any:
        found = plans.rollup_for(asked, asked.by, asked.period)
        assert found is not None, case.report.name
        return found.model, asked.by

    _, (model, by) = _ours(app, case, table_of)
    seen = floor.asked(store.name, case.viewer, case.page)
    of = [f"CAST({'max' if one.how == 'max' else 'sum'}(v.{one.name}) AS bigint)" for one in sums]
    grouped = f" GROUP BY {', '.join(map(str, range(1, len(by) + 1)))}" if by else ""
    keys = [f"v.{'starts_at' if one.time else one.key.key} AS k{n}" for n, one in enumerate(by)]
    case.values = seen.values
    case.statement = (
        f"SELECT {', '.join([*keys, *of])} FROM {model.__tablename__} v WHERE v.company_id = 1"
        f" AND v.starts_at >= :start AND v.starts_at < :end AND {seen.seen}{grouped}"
    )
    for place, one in enumerate(by):
        if one.model is not None:
            case.statement = (
                f"SELECT g.*, n.name FROM ({case.statement}) g LEFT JOIN"
                f" {one.model.__tablename__} n ON n.company_id = 1 AND n.id = g.k{place}"
            )


def _by_hand(hand: floor.Hand, case: Case) -> tuple[float, list[Any]]:
    ready = hand.prepared(case.statement, case.values)
    return Clock(hand.backend)(lambda: hand.cursor.execute(*ready).fetchall())


def _check(app: Flask, hand: floor.Hand, case: Case) -> None:
    """Compare the figures of all groups, and count these."""
    _, table = _ours(app, case)
    by = table.asked.by
    case.groups = len(table.rows)
    sums = case.report.sums
    largest = [one.how == "max" for one in sums]
    found: dict[Any, list[int]] = {}
    for row in _by_hand(hand, case)[1]:
        keys = tuple(_read(one, value) for one, value in zip(by, row, strict=False))
        found[keys] = _added(found.get(keys), row[len(by) : len(by) + len(sums)], largest)
    ours = {
        row.keys: [row.sums[one.name] for one in sums]
        for row in table.rows
        if any(row.sums.values())
    }
    unseen = [found[keys] for keys in found if keys not in ours and any(found[keys])]
    for keys, values in ours.items():
        theirs = found.get(keys)
        if None in keys:  # those whose names are not seen are of the group without
            for more in unseen:
                theirs = _added(theirs, more, largest)
        if theirs != values:
            raise AssertionError(f"other figures: {case.report.name}, {case.viewer.name}, {keys}")


def _added(before: list[int] | None, more: Sequence[Any], largest: list[bool]) -> list[int]:
    values = [int(value or 0) for value in more]
    if before is None:
        return values
    pairs = zip(before, values, largest, strict=True)
    return [max(one, other) if most else one + other for one, other, most in pairs]


def _read(one: Any, value: Any) -> Any:
    """Return a key as ours has it."""
    if one.time:
        moment = dt.datetime.fromisoformat(str(value)).replace(tzinfo=dt.UTC)
        return clock.cut(one.time, moment, ZoneInfo("UTC"))
    if one.model is not None and isinstance(value, str):
        return uuid.UUID(value)
    return value


def main(size: int) -> None:
    world, opened = stores.opened(size)
    for store in opened:
        print(f"\n## {store.name}, {size:,} visits: reports\n\n| {HEAD} |")
        print(f"|{'---|' * (HEAD.count('|') + 1)}")
        for row in rows(measure(store, world)):
            print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
