"""``python -m benchmarks.reports [visits] [database]``: reports against SQL by hand.

Both read the same roll-ups. Every report that roll-ups can answer, of 30 days and of a year: its
query, until the groups are told apart, named and summed up; and its whole table as a request makes
it, from what the address says, with targets, order, words and total. Both are held against one
SELECT of the same groups, names and sums through the bare driver, or one of each roll-up that is
read. The figures are compared group by group. For scale some are made from raw visits.
"""

from __future__ import annotations

import datetime as dt
import gc
import random
import sys
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
from portal.objects.kinds.sip_provider import CURRENCIES
from portal.reports import asked as asking
from portal.reports import clock, plans, queries, tables
from portal.reports import keys as report_keys
from portal.reports.asked import Asked
from portal.reports.registry import REPORTS
from portal.reports.terms import Dimension, Report, Sum

VIEWERS = ("everything", "five mixed", "299 projects")
# PostgreSQL keeps a plan after ten runs of a statement, five of them before it is prepared.
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
    statements: dict[str, list[Sum]] = field(default_factory=dict)
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
    gc.freeze()  # as wsgi.py does
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
                case.taken["visits"].append(_ours(app, case, _table)[0])
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


def _query(case: Case) -> Callable[[], Any]:
    asked = _asked(case)
    return lambda: queries.gathered(asked, asked.by, asked.period)


def _table(case: Case) -> Callable[[], tables.Table]:
    return lambda: tables.make(_asked(case))


WAYS = {"query": _query, "table": _table}


def _ours(app: Flask, case: Case, way: Callable[[Case], Callable[[], Any]]) -> tuple[float, Any]:
    """Work as a request does, which reads only; who is asking was told to the database before."""
    with app.test_request_context("/"):
        spent = Clock(backend())
        identity = identity_by_id(1, uuid.UUID(case.viewer.id))
        assert identity is not None
        assume(identity)
        db.session.scalar(select(Company.id))
        taken, found = spent(way(case))
        db.session.rollback()
        return taken, found


def _prepare(app: Flask, store: Store, case: Case) -> None:
    """Write the same question down as a statement over each roll-up that ours reads."""
    seen = floor.asked(store.name, case.viewer, case.page)
    case.values = seen.values
    for report in filter(None, (case.report, case.report.beside)):

        def table_of(case: Case, report: Report = report) -> Callable[[], Any]:
            asked = replace(_asked(case), report=report)
            return lambda: (plans.rollup_for(asked, asked.by, asked.period), asked.by)

        _, (table, by) = _ours(app, case, table_of)
        assert table is not None, report.name
        case.statements[_statement(table.model, by, report.own_sums, seen)] = report.own_sums


def _statement(model: Any, by: Sequence[Dimension], sums: Sequence[Sum], seen: Any) -> str:
    table, columns = f"{model.__table__} v" if hasattr(model, "__table__") else _COSTS, {}
    if table is _COSTS:
        walled = "" if seen.viewer.sees_all else f"AND {_SEEN_PROVIDER} {seen.in_projects('l')})"
        table, columns = f"{_COSTS} {walled}", _COST_COLUMNS

    def column(name: str) -> str:
        return columns.get(name, f"v.{name}")

    of = [
        f"CAST({'max' if one.how == 'max' else 'sum'}({column(one.name)}) AS bigint)"
        for one in sums
    ]
    grouped = f" GROUP BY {', '.join(map(str, range(1, len(by) + 1)))}" if by else ""
    named = ["starts_at" if one.time else report_keys.rolled(one) for one in by]
    groups = [f"{column(name)} AS k{place}" for place, name in enumerate(named)]
    statement = (
        f"SELECT {', '.join([*groups, *of])} FROM {table} WHERE v.company_id = 1"
        f" AND v.starts_at >= :start AND v.starts_at < :end AND {seen.seen}{grouped}"
    )
    for place, one in enumerate(by):
        if one.model is not None:
            statement = (
                f"SELECT g.*, n.name FROM ({statement}) g LEFT JOIN"
                f" {one.model.__tablename__} n ON n.company_id = 1 AND n.id = g.k{place}"
            )
    return statement


_COSTS = "cost_days v LEFT JOIN sip_providers p ON p.company_id = 1 AND p.id = v.provider_id"
_SEEN_PROVIDER = (
    "p.id IN (SELECT l.object_id FROM sip_providers_in_projects l WHERE l.company_id = 1 AND"
)
_PLACE = "CASE p.currency WHEN 'EUR' THEN 1 WHEN 'PLN' THEN 2 END"
_COST_COLUMNS = {
    "currency": "p.currency",
    "counted_s": "CASE WHEN p.id IS NOT NULL THEN v.counted_s END",
    "cost": "CASE WHEN p.id IS NOT NULL THEN v.cost END",
    "without_rate": "CASE WHEN p.id IS NOT NULL THEN v.calls - v.rated ELSE v.calls END",
    "last_currency": f"CASE WHEN v.rated > 0 THEN {_PLACE} END",
    "first_currency": f"CASE WHEN v.rated > 0 THEN {len(CURRENCIES) + 1} - {_PLACE} END",
}


def _by_hand(hand: floor.Hand, case: Case) -> tuple[float, list[list[Any]]]:
    ready = [hand.prepared(statement, case.values) for statement in case.statements]
    return Clock(hand.backend)(lambda: [hand.cursor.execute(*one).fetchall() for one in ready])


def _check(app: Flask, hand: floor.Hand, case: Case) -> None:
    """Compare the figures of all groups, and count these."""
    _, table = _ours(app, case, _table)
    by = table.asked.by
    case.groups = len(table.rows)
    largest = [one.how == "max" for sums in case.statements.values() for one in sums]
    found: dict[Any, list[int]] = {}
    before = 0
    for sums, rows in zip(case.statements.values(), _by_hand(hand, case)[1], strict=True):
        for row in rows:
            keys = tuple(_read(one, value) for one, value in zip(by, row, strict=False))
            values = [0] * before + list(row[len(by) : len(by) + len(sums)])
            values += [0] * (len(largest) - len(values))
            found[keys] = _added(found.get(keys), values, largest)
        before += len(sums)
    names = [one.name for sums in case.statements.values() for one in sums]
    ours = {
        row.keys: [row.sums[name] for name in names] for row in table.rows if any(row.sums.values())
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


def main(size: int, names: Sequence[str] = ()) -> None:
    world, opened = stores.opened(size, *names)
    for store in opened:
        print(f"\n## {store.name}, {size:,} visits: reports\n\n| {HEAD} |")
        print(f"|{'---|' * (HEAD.count('|') + 1)}")
        for row in rows(measure(store, world)):
            print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main(*stores.asked(sys.argv[1:]))
