"""The page's query through both walls, against the floor and against the naive query."""

from __future__ import annotations

import random
import statistics
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from benchmarks import floor
from benchmarks.clock import Clock, buffers
from benchmarks.stores import Store
from benchmarks.viewers import Page, Viewer, pages, viewers
from benchmarks.world import SEED, World
from portal.access.identity import identity_by_id
from portal.calls.log import queries
from portal.company.models import Company
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped

# PostgreSQL plans a prepared statement anew ten times before it keeps a plan.
WARM_UP, ROUNDS, NAIVE_ROUNDS = 12, 7, 2


@dataclass
class Case:
    """One page of one viewer: medians in microseconds of CPU, and buffers."""

    viewer: Viewer
    page: Page
    scope: Scope
    asked: floor.Asked
    plans: dict[str, str]
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    found: dict[str, list[Any]] = field(default_factory=dict)
    buffers: dict[str, int] = field(default_factory=dict)

    def median(self, contender: str) -> float:
        return statistics.median(self.taken[contender])

    def best(self, kind: str = "bare") -> str:
        """Name the cheapest plan by hand that found what is right: a budget may end too early."""
        right = [
            name
            for name in self.taken
            if name.startswith(kind) and _keys(self.found[name]) == self.keys
        ]
        return min(right, key=self.median)

    @property
    def keys(self) -> list[str]:
        return _keys(self.found["naive"])

    def ratio(self, kind: str = "bare") -> float:
        return self.median("ours") / self.median(self.best(kind))

    def check(self) -> None:
        """Raise unless all contenders found the same rows with the same words."""
        ours = [tuple(map(_plain, row)) for row in self.found["ours"]]
        naive = [tuple(map(_plain, row)) for row in self.found["naive"]]
        if ours != naive:
            raise AssertionError(f"other rows: {self.viewer.name}, {self.page.name}")


def _keys(rows: list[Any]) -> list[str]:
    return [floor.key_of(row) for row in rows]


def _plain(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return value.hex
    return str(value).removesuffix("+00:00")


def measure(store: Store, world: World, only: str = "") -> list[Case]:
    app = store.portal()
    hands = {"bare": floor.Hand(store)}
    if store.name == "PostgreSQL":
        hands["walled"] = floor.Hand(store, walled=True)
    cases = [
        _case(app, store, viewer, page)
        for viewer in viewers(world)
        for page in pages(world)
        if only in page.name
    ]
    for number in range(WARM_UP + ROUNDS):
        runs = [(c, name) for c in cases for name in ("ours", *_by_hand(c, hands))]
        if number < NAIVE_ROUNDS:
            runs += [(c, "naive") for c in cases]
        random.Random(SEED + number).shuffle(runs)
        for case, name in runs:
            taken, rows = _run(app, hands, case, name)
            case.found[name] = rows
            if number >= WARM_UP or name == "naive":
                case.taken[name].append(taken)
    for case in cases:
        case.check()
        if store.name == "PostgreSQL":
            _count_buffers(app, hands["bare"], case)
    with app.app_context():
        db.engine.dispose()
    return cases


def _case(app: Flask, store: Store, viewer: Viewer, page: Page) -> Case:
    with app.app_context():
        identity = identity_by_id(1, uuid.UUID(viewer.id))
    assert identity is not None
    asked = floor.asked(store.name, viewer, page)
    return Case(viewer, page, identity.scope, asked, floor.plans(asked))


def _by_hand(case: Case, hands: dict[str, floor.Hand]) -> list[str]:
    return [f"{kind}: {plan}" for kind in hands for plan in case.plans]


def _run(
    app: Flask, hands: dict[str, floor.Hand], case: Case, name: str
) -> tuple[float, list[Any]]:
    if name == "ours":
        return _ours(app, case)
    kind, _, plan = ("bare", "", "") if name == "naive" else name.partition(": ")
    statement = case.plans[plan] if plan else floor.naive(case.asked)
    hand = hands[kind]
    found = Clock(hand.backend)(hand.runner(statement, case.asked.values, case.scope))
    if hand.walled:
        hand.connection.rollback()
    return found


def _ours(app: Flask, case: Case) -> tuple[float, list[Any]]:
    """Run the query as a request does: who is asking was told to the database before."""
    filters, before = case.page.filters, case.page.before
    with app.test_request_context("/"), entered(case.scope):
        clock = Clock(backend())
        db.session.scalar(select(Company.id))
        taken, (rows, _) = clock(lambda: queries.page(filters, before))
        db.session.rollback()
        return taken, rows


def backend() -> int | None:
    """Return the process that serves the session's connection; leave no transaction open."""
    with unscoped("the benchmark reads the number of the process"):
        raw = db.session.connection().connection.dbapi_connection
        db.session.rollback()
    return raw.info.backend_pid if hasattr(raw, "info") else None


def _count_buffers(app: Flask, hand: floor.Hand, case: Case) -> None:
    ready = hand.prepared(case.plans[case.best().partition(": ")[2]], case.asked.values)
    case.buffers["floor"] = buffers(hand.cursor, *ready)
    statements: list[Any] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    with app.app_context(), entered(case.scope):
        event.listen(db.engine, "before_cursor_execute", note)
        queries.page(case.page.filters, case.page.before)
        event.remove(db.engine, "before_cursor_execute", note)
        cursor = db.session.connection().connection.cursor()
        case.buffers["ours"] = sum(buffers(cursor, *one) for one in statements)
        cursor.close()
