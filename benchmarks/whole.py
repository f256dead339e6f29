"""The whole page against routes that only run its queries, or only the query of its rows."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.clock import Clock
from benchmarks.pages import backend
from benchmarks.stores import Store
from benchmarks.viewers import Page, viewers
from benchmarks.world import DAYS, SEED, World
from portal import languages
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.calls.log import course, options, queries
from portal.extensions import db
from tests import sessions

PERIODS = {7: "a week", 30: "30 days"}
WARM_UP, ROUNDS = 4, 9
KINDS = ("rows", "queries", "page")
Medians = dict[str, list[float]]


def measure(store: Store, world: World) -> dict[str, Medians]:
    """Return for each viewer and period what each of ``KINDS`` took, in microseconds."""
    app = store.portal()
    for days in PERIODS:
        _add_routes(app, days)
    clients = {viewer.name: _client(app, viewer.email) for viewer in viewers(world)}
    with app.app_context():
        clock = Clock(backend())
    taken: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for number in range(WARM_UP + ROUNDS):
        runs = [(n, d, kind) for n in clients for d in PERIODS for kind in KINDS]
        random.Random(SEED + number).shuffle(runs)
        for name, days, kind in runs:
            url = _address(days) if kind == "page" else f"/bench/{kind}/{days}"
            spent, response = clock(lambda who=name, url=url: clients[who].get(url))
            if response.status_code != 200:
                raise AssertionError(f"{url} answered {response.status_code} to {name}")
            if number >= WARM_UP:
                taken[name, days, kind].append(spent)
    with app.app_context():
        db.engine.dispose()
    return {
        name: {
            label: [statistics.median(taken[name, days, kind]) for kind in KINDS]
            for days, label in PERIODS.items()
        }
        for name in clients
    }


def _page(days: int) -> Page:
    return Page(PERIODS[days], days=(DAYS - days, DAYS))


def _address(days: int) -> str:
    period = _page(days).filters.period
    chosen = {"period": period.name, "from": period.first_day, "to": period.last_day}
    return f"/calls?{urlencode(chosen)}"


def _add_routes(app: Flask, days: int) -> None:
    filters = _page(days).filters

    @guard(Permission.VIEW_CALLS)
    def only_rows() -> Any:
        return str(len(queries.page(filters, None)[0]))

    @guard(Permission.VIEW_CALLS)
    def all_queries() -> Any:
        rows, _ = queries.page(filters, None)
        columns = course.columns(filters, languages.zone())
        return str(len(rows) + len(columns) + len(options.for_filters(filters)))

    app.add_url_rule(f"/bench/rows/{days}", f"rows_{days}", only_rows)
    app.add_url_rule(f"/bench/queries/{days}", f"queries_{days}", all_queries)


def _client(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    sessions.sign_in(app, client, email)
    return client
