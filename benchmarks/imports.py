"""``python -m benchmarks.imports [rows] [target …]``: a table into its target, to the result.

Targets: numbers into a list, base for numbers into a dialer, contacts with two own fields each.

Seconds by the clock, seconds of CPU of the importing process and of PostgreSQL's beside it, and the
largest memory that the importing process held, on both databases. They take turns: where nothing
else runs, the clock shows about the sum of both. Each database is measured in a process of its
own, which does what the portal and a worker do.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from flask import g
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from benchmarks import stores
from benchmarks.stores import Store
from portal.access.identity import assume, identity_by_id
from portal.crm.models import Contact
from portal.extensions import db
from portal.imports import operations
from portal.imports.models import Import
from portal.imports.registry import TARGETS
from portal.jobs import worker
from portal.objects.base.models import DialerNumber
from portal.objects.numbers.models import NumberListEntry
from tests import factories

ROWS = 100_000
# What is counted afterwards.
WRITTEN: dict[str, Any] = {
    "numbers": NumberListEntry,
    "base": DialerNumber,
    "contacts": Contact,
}


def table(path: Path, rows: int) -> None:
    """Write a CSV of Polish numbers with labels and days, most of them new and sound."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Telefon;Nazwa;Ważny do\n")
        for number in range(rows):
            file.write(f"51{number % 10} {number // 1000:03} {number % 1000:03};")
            file.write(f"Łukasz Żółć {number};31.12.2026\n")


def workbook(path: Path, rows: int) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Telefon", "Nazwa", "Ważny do"])
        for number in range(rows):
            digits = f"51{number % 10}{number // 1000:03}{number % 1000:03}"
            sheet.write_row(number + 1, 0, [digits, f"Łukasz Żółć {number}", "2026-12-31"])


def _options(target: str, where: list[Any]) -> dict[str, str]:
    """Make what rows of a target go into."""
    if target == "numbers":
        return {"list": str(factories.make_object("lists", "Unwanted", *where[:3]).id)}
    if target == "base":
        return {"dialer": str(factories.make_object("dialers", "Campaign", where[0]).id)}
    factories.make_object("contact-fields", "Until", *where[:2], type="date")
    factories.make_object("contact-fields", "Tariff", where[0])
    return {"project": str(where[0].id)}


def served(store: Store) -> float:
    """Return the seconds of CPU of the processes that serve this database."""
    if store.name == "SQLite":
        return 0.0
    with psycopg.connect(store.bare) as connection:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        rows = connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {mine}").fetchall()
    statistics = [Path(f"/proc/{pid}/schedstat").read_text() for (pid,) in rows]
    return sum(int(one.split()[0]) for one in statistics) / 1e9


def measure(store: Store, path: Path, target: str) -> tuple[float, float, float, float, int, int]:
    """Return seconds of upload and of work, of its CPU and the database's; rows; memory in MB."""
    app = store.portal()
    with factories.building(app):
        admin = factories.company()
        where = [factories.project(f"Project {number}") for number in range(20)]
        options = {**_options(target, where), "country": "PL"}
        who = factories.user("Jan Kowalski", role="supervisor", projects=where)
    began = time.perf_counter()
    with app.app_context():
        assume(identity_by_id(who.company_id, who.id))
        with path.open("rb") as file:
            upload = FileStorage(file, path.name)
            mine = operations.receive(
                TARGETS[target], options, path.name, upload.stream, actor=g.actor
            )
        if target == "contacts":
            own = [field.name for field in TARGETS[target].more(mine.options)]
            mine.mapping = {"phone": 0, "name": 1, **dict(zip(own, (1, 2), strict=True))}
        operations.start(mine, actor=g.actor)
        db.session.commit()
    uploaded, cpu, spent = time.perf_counter(), time.process_time(), served(store)
    gc.freeze()  # as wsgi.py does
    worker.run_waiting(app)
    ended, cpu = time.perf_counter(), time.process_time() - cpu
    spent = served(store) - spent
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with factories.building(app, of=admin):
        rows = db.session.scalar(select(func.count(WRITTEN[target].id)))
        assert db.session.scalars(select(Import)).one().state == "done"
    return uploaded - began, ended - uploaded, cpu, spent, rows or 0, memory


def _tell(store: Store, path: Path, target: str) -> None:
    with tempfile.TemporaryDirectory() as folder, stores.empty(store, Path(folder)) as fresh:
        uploaded, worked, cpu, spent, rows, memory = measure(fresh, path, target)
    kind = path.suffix[1:]
    print(
        f"| {store.name} | {target} | {kind} | {rows:,} | {uploaded:.1f} | {worked:.1f} "
        f"| {cpu:.1f} | {spent:.1f} | {memory} |",
        flush=True,
    )


def main(rows: int, targets: Sequence[str]) -> None:
    head = "database | target | file | rows | upload, s | worker, s | its CPU, s"
    print(f"| {head} | CPU of PostgreSQL, s | memory, MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as name, stores.fresh(Path(name)) as opened:
        files = [Path(name) / "numbers.csv", Path(name) / "numbers.xlsx"]
        table(files[0], rows)
        workbook(files[1], rows)
        for store in opened:
            for target, path in itertools.product(targets, files):
                arguments = (store, path, target)
                one = multiprocessing.get_context("spawn").Process(target=_tell, args=arguments)
                one.start()
                one.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROWS, sys.argv[2:] or list(WRITTEN))
