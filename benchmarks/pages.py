"""The page's query through both walls, against the floor and against the naive query."""

from __future__ import annotations

import random
import statistics
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from benchmarks import floor
from benchmarks.clock import Clock, buffers
from benchmarks.stores import Store
from benchmarks.viewers import Page, Viewer, pages, viewers
from benchmarks.world import SEED, World
from portal.access.identity import identity_by_id
from portal.calls.log import queries
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped

WARM_UP, ROUNDS, NAIVE_ROUNDS = 2, 7, 3


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

    @property
    def best(self) -> str:
        """The cheapest plan by hand that found what is right: a budget may end too early."""
        right = [name for name in self.plans if _keys(self.found[name]) == self.keys]
        return min(right, key=self.median)

    @property
    def keys(self) -> list[str]:
        return _keys(self.found["naive"])

    @property
    def ratio(self) -> float:
        return self.median("ours") / self.median(self.best)

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
    app, hand = store.portal(), floor.Hand(store)
    cases = [
        _case(app, store, viewer, page)
        for viewer in viewers(world)
        for page in pages(world)
        if only in page.name
    ]
    for number in range(WARM_UP + ROUNDS):
        runs = [(c, name) for c in cases for name in ("ours", *c.plans)]
        if number < NAIVE_ROUNDS:
            runs += [(c, "naive") for c in cases]
        random.Random(SEED + number).shuffle(runs)
        for case, name in runs:
            taken, rows = _run(app, hand, case, name)
            case.found[name] = rows
            if number >= WARM_UP or name == "naive":
                case.taken[name].append(taken)
    for case in cases:
        case.check()
        if store.name == "PostgreSQL":
            _count_buffers(app, hand, case)
    with app.app_context():
        db.engine.dispose()
    return cases


def _case(app: Flask, store: Store, viewer: Viewer, page: Page) -> Case:
    with app.app_context():
        identity = identity_by_id(1, uuid.UUID(viewer.id))
    assert identity is not None
    asked = floor.asked(store.name, viewer, page)
    plans = {name: asked.from_keys(keys) for name, keys in floor.plans(asked).items()}
    return Case(viewer, page, identity.scope, asked, plans)


def _run(app: Flask, hand: floor.Hand, case: Case, name: str) -> tuple[float, list[Any]]:
    if name == "ours":
        return _ours(app, case)
    statement = floor.naive(case.asked) if name == "naive" else case.plans[name]
    return Clock(hand.backend)(hand.runner(statement, case.asked.values))


def _ours(app: Flask, case: Case) -> tuple[float, list[Any]]:
    """Run the page as a request does: in a transaction that tells its scope to the database."""
    filters, before = case.page.filters, case.page.before
    with app.app_context(), entered(case.scope):
        taken, (rows, _) = Clock(_backend())(lambda: queries.page(filters, before))
        return taken, rows


def _backend() -> int | None:
    """Return the process that serves the session's connection; leave no transaction open."""
    with unscoped("the benchmark reads the number of the process"):
        raw = db.session.connection().connection.dbapi_connection
        db.session.rollback()
    return raw.info.backend_pid if hasattr(raw, "info") else None


def _count_buffers(app: Flask, hand: floor.Hand, case: Case) -> None:
    ready = hand.prepared(case.plans[case.best], case.asked.values)
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
