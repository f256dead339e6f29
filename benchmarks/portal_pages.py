"""``python -m benchmarks.portal_pages [few many]``: the pages of a company of 10 and 300 projects.

What is in the company is the same in both (see :mod:`benchmarks.office`). Milliseconds of CPU, of
the portal and of the database's backend together, and by the clock; medians, the pages in random
order. The bars: 150 ms by the clock, and as much with many projects as with few. Listed are the
pages that grow by half or take long; a summary tells of all.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask.testing import FlaskClient

from benchmarks import office, stores
from benchmarks.clock import Clock
from benchmarks.pages import backend
from benchmarks.stores import Store
from benchmarks.world import SEED
from portal.extensions import db
from portal.objects.registry import KINDS
from tests import sessions

SIZES = 10, 300
WARM_UP, ROUNDS = 2, 5
GROWS, LONG = 1.5, 80
HEAD = "page | viewer | {} projects, ms | {} projects, ms | ratio | by the clock, ms"
SUMMARY = (
    "viewer | pages | {} projects, median ms | {} projects, median ms | dearest, ms"
    " | ratio, median | ratio, largest | slowest by the clock, ms"
)


@dataclass(frozen=True)
class Taken:
    """Medians in milliseconds."""

    cpu: float
    clock: float


@dataclass(frozen=True)
class Line:
    """What one page takes one viewer with few projects and with many."""

    page: str
    viewer: str
    few: Taken
    many: Taken

    @property
    def ratio(self) -> float:
        return self.many.cpu / self.few.cpu


Medians = dict[tuple[str, str], Taken]


def addresses(made: office.Office) -> dict[str, str]:
    """Return the page behind each name."""
    one = {name: getattr(row, "id", row) for name, row in made.one.items()}
    panel = f"/projects/{one['project']}/panel"
    return {
        "projects": "/projects",
        "projects, by a word": "/projects?q=lodz",
        "edit a project": f"/projects/{one['project']}/edit",
        "panel: users": panel,
        **{f"panel: {slug}": f"{panel}/{slug}" for slug in ("groups", *KINDS)},
        "contacts": "/contacts",
        "contacts, by words": "/contacts?q=klient+wartosc",
        "contacts, by a number": "/contacts?q=512000",
        "contacts of a project": f"/contacts?project={one['project']}",
        "contact": f"/contacts/{one['contact']}",
        "contact, edit": f"/contacts/{one['contact']}/edit",
        "new contact": "/contacts/new",
        "cases": "/cases",
        "cases, by words": "/cases?q=sprawa+lodz",
        "board": "/cases/board",
        "case": f"/cases/{one['case']}",
        "case, edit": f"/cases/{one['case']}/edit",
        "filled-in form": f"/fillings/{one['filling']}",
        "objects": "/objects",
        **{f"{slug}": f"/objects/{slug}" for slug in KINDS},
        "queues, by words": "/objects/queues?q=lodz+1",
        **{f"{slug}: one": f"/objects/{slug}/{one[slug]}" for slug in KINDS},
        **{f"{slug}: new": f"/objects/{slug}/new" for slug in KINDS},
        "queue: staff": f"/objects/queues/{one['queues']}/staff",
        "scenario: steps": f"/objects/scenarios/{one['scenarios']}/steps",
        "scenario: versions": f"/objects/scenarios/{one['scenarios']}/versions",
        "form: draft": f"/objects/forms/{one['forms']}/draft",
        "form: try": f"/objects/forms/{one['forms']}/draft/try",
        "form: versions": f"/objects/forms/{one['forms']}/versions",
        "list: numbers": f"/objects/lists/{one['lists']}/numbers",
        "dialer: numbers": f"/objects/dialers/{one['dialers']}/numbers",
        "users": "/users",
        "user": f"/users/{one['person']}",
        "user: projects": f"/users/{one['person']}/projects-card",
        "groups": "/groups",
        "group": f"/groups/{one['group']}",
        "roles": "/roles",
        "imports": "/imports",
        **{f"import {name}": f"/imports/{name}/new" for name in ("numbers", "base", "contacts")},
        "jobs": "/jobs",
        "activity": "/activity",
        "call log, empty": "/calls",
        "settings": "/settings",
    }


def measure(store: Store, projects: int) -> Medians:
    """Fill a database and return what each page took whoever may open it."""
    app = store.portal()
    made = office.fill(app, projects)
    if store.name == "PostgreSQL":
        with psycopg.connect(store.bare, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    clients = {viewer: app.test_client() for viewer in made.viewers}
    for viewer, email in made.viewers.items():
        sessions.sign_in(app, clients[viewer], email)
    with app.app_context():
        clock = Clock(backend())
    pages = addresses(made)
    runs = [
        (name, viewer)
        for name, url in pages.items()
        for viewer, client in clients.items()
        if _opens(client, url)
    ]
    taken: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for number in range(WARM_UP + ROUNDS):
        random.Random(SEED + number).shuffle(runs)
        for name, viewer in runs:
            began = time.perf_counter()
            spent, response = clock(lambda who=viewer, url=pages[name]: clients[who].get(url))
            passed = (time.perf_counter() - began) * 1000
            if response.status_code != 200:
                raise AssertionError(f"{pages[name]} answered {response.status_code} to {viewer}")
            if number >= WARM_UP:
                taken[name, viewer].append((spent / 1000, passed))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return {
        key: Taken(*(statistics.median(values) for values in zip(*runs, strict=True)))
        for key, runs in taken.items()
    }


def _opens(client: FlaskClient, url: str) -> bool:
    """Tell whether somebody may open a page; one that is broken is no page."""
    status = client.get(url).status_code
    if status not in (200, 403):
        raise AssertionError(f"{url} answered {status}")
    return status == 200


def compare(store: Store, sizes: tuple[int, ...] = SIZES) -> list[Line]:
    """Return a line for each page and viewer, the dearest first."""
    few, many = (_measured(store, projects) for projects in sizes)
    found = [Line(*key, few[key], taken) for key, taken in many.items()]
    return sorted(found, key=lambda line: -line.many.cpu)


def summary(lines: list[Line]) -> Iterable[tuple[Any, ...]]:
    """Tell of all pages, and of those of each viewer."""
    for viewer in ("all", *sorted({line.viewer for line in lines})):
        own = [line for line in lines if viewer in ("all", line.viewer)]
        few = statistics.median(line.few.cpu for line in own)
        many = statistics.median(line.many.cpu for line in own)
        ratios = [line.ratio for line in own]
        dearest, slowest = max(x.many.cpu for x in own), max(x.many.clock for x in own)
        grown = f"{statistics.median(ratios):.2f}", f"{max(ratios):.2f}"
        yield (
            viewer,
            len(own),
            f"{few:.1f}",
            f"{many:.1f}",
            f"{dearest:.0f}",
            *grown,
            f"{slowest:.0f}",
        )


def notable(lines: list[Line]) -> Iterable[tuple[Any, ...]]:
    """Tell of the pages that grow, or that take long."""
    for line in lines:
        if line.ratio > GROWS or line.many.cpu > LONG:
            times = f"{line.few.cpu:.1f}", f"{line.many.cpu:.1f}", f"{line.ratio:.2f}"
            yield line.page, line.viewer, *times, f"{line.many.clock:.0f}"


def tables(store: Store, sizes: tuple[int, ...] = SIZES) -> Iterable[tuple[str, str, Any]]:
    """Return the title, the head and the rows of each table."""
    lines = compare(store, sizes)
    yield f"{store.name}: pages", SUMMARY.format(*sizes), summary(lines)
    title = f"{store.name}: pages that grow by half, or take more than {LONG} ms"
    yield title, HEAD.format(*sizes), notable(lines)


def _measured(store: Store, projects: int) -> Medians:
    with tempfile.TemporaryDirectory() as folder, stores.empty(store, Path(folder)) as fresh:
        return measure(fresh, projects)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name, stores.fresh(Path(name)) as opened:
        for store in opened:
            for title, head, rows in tables(store, sizes):
                print(f"\n## {title}\n\n| {head} |\n|{'---|' * (head.count('|') + 1)}")
                for row in rows:
                    print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
