"""``python -m benchmarks.bank [name of a database]``: all calls of a bank by a layout of its table.

Seconds by the clock, seconds of CPU of the importing process and of PostgreSQL's beside it, and the
memory of that process: what it held before, and the most that it held. Each database is measured in
a process of its own, which does what a worker does. Found beside the project as the tests find it.
"""

from __future__ import annotations

import gc
import gzip
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import stores
from benchmarks.imports import served
from benchmarks.stores import Store
from portal.calls.importing import Upload, import_files
from portal.calls.layouts import arrival
from portal.calls.layouts.models import CallLayout
from portal.calls.models import Visit
from portal.calls.operations import create_source
from portal.company.models import Company
from portal.database import name_key
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped

RESULTS = {"answered": 85_083, "abandoned": 13_818}
HEAD = "database | lines | calls | clock, s | CPU, s | of PostgreSQL, s | before, MB | most, MB"


def measure(store: Store, path: Path, settings: dict[str, Any]) -> None:
    app = store.portal()
    gc.freeze()  # as wsgi.py does
    with app.app_context(), entered(Scope(1, sees_all=True, sees_people=True)):
        with unscoped("the benchmark makes its company"):
            db.session.add(Company(id=1, name="Bench", figures_timezone="Asia/Jerusalem"))
            db.session.commit()
        source = create_source(1, "Bank", settings["timezone"])
        named = {"name": "Bank", "name_key": name_key("Bank"), "versions": [settings]}
        layout = CallLayout(company_id=1, source_id=source.id, **named)
        db.session.add(layout)
        db.session.commit()
        memory, cpu, spent = _memory(), time.process_time(), served(store)
        began = time.perf_counter()
        arrival.write_rows(path, path, ",", "utf-8-sig")
        run = import_files(source, [Upload(path, path.name, layout.kind)])
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        spent, most = served(store) - spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        by_result = select(Visit.result, func.count(Visit.id)).group_by(Visit.result)
        if dict(db.session.execute(by_result).tuples().all()) != RESULTS:
            raise AssertionError("not the calls of the bank")
        print(
            f"| {store.name} | {run.lines_ok:,} | {run.calls_new:,} | {took:.1f} | {cpu:.1f} "
            f"| {spent:.1f} | {memory} | {most // 1024} |",
            flush=True,
        )
        db.session.rollback()
        db.engine.dispose()


def _memory() -> int:
    """Return how many MB this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024**2


def _tell(store: Store, path: Path, settings: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, stores.empty(store, Path(folder)) as fresh:
        measure(fresh, path, settings)


def main(only: str) -> None:
    from tests.calls.layouts.test_anonymousbank import BANK, SETTINGS

    print(f"| {HEAD} |\n|{'---|' * 8}", flush=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as name, stores.fresh(Path(name)) as opened:
        for store in opened:
            if only not in store.name:
                continue
            path = Path(name) / "bank.csv"
            path.write_bytes(gzip.decompress(BANK.read_bytes()))
            spawn = multiprocessing.get_context("spawn")
            one = spawn.Process(target=_tell, args=(store, path, SETTINGS))
            one.start()
            one.join()


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
