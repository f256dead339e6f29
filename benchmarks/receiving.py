"""How long the intake takes to answer: many senders at once, over the real server.

``python -m benchmarks.receiving``. The senders are one process of its own with bare sockets, so
that they take little of the machine. Every 204 is held against the database afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select

from benchmarks.stores import Store, empty, fresh
from portal import create_app
from portal.calls.operations import create_source
from portal.calls.receiving.models import Delivery
from portal.calls.receiving.operations import make_token
from portal.company.models import Company
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import Scope, entered, unscoped

SECONDS = 10.0
# How many send, and how long each waits between two of its requests; None: sends on at once.
LOADS = ((1, None), (16, None), (64, None), (64, 0.5), (64, 0.1))
THREADS = "64"  # as docs/operations.md says


HEAD = (
    "store | senders | each sends | a second | median, ms | 95 of 100, ms | not kept"
    " | server's CPU, µs | senders' CPU, µs"
)


def rows() -> Iterator[tuple[Any, ...]]:
    """Yield for each store and load what the senders saw, on databases that sync to the disk."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, fresh(Path(folder), ()) as stores:
        for store in stores:
            for senders, pause in LOADS:
                often = f"every {pause} s" if pause else "at once again"
                yield store.name, senders, often, *measure(store, senders, pause)


def measure(store: Store, senders: int, pause: float | None) -> Iterator[str]:
    """Yield the figures of one load; ``store`` is one that is empty."""
    with tempfile.TemporaryDirectory() as folder, empty(store, Path(folder)) as made:
        token = _prepare(made)
        with _served(made) as (port, pid):
            start = _cpu(pid)
            took, statuses, theirs = _sent(port, token, senders, pause)
            used = _cpu(pid) - start
        good = statuses.get("204", 0)
        if _kept(made) < good:
            raise AssertionError("an answer was 204, and what was sent is not there")
        yield f"{good / SECONDS:,.0f}"
        yield f"{median(took) * 1000:.1f}"
        yield f"{quantiles(took, n=20)[-1] * 1000:.1f}"
        yield f"{sum(statuses.values()) - good}"
        yield f"{used / good * 1e6:,.0f}"
        yield f"{theirs / good * 1e6:,.0f}"


def _prepare(store: Store) -> str:
    app = store.portal()
    with app.app_context(), entered(Scope(1, sees_all=True, sees_people=True)):
        with unscoped("the benchmark makes its company"):
            db.session.add(Company(id=1, name="Bench", figures_timezone="Europe/Warsaw"))
            db.session.commit()
        token = make_token(create_source(1, "PBX", "UTC"), actor=User())
        db.session.commit()
        db.engine.dispose()
    return token


def _kept(store: Store) -> int:
    app = create_app({"SQLALCHEMY_DATABASE_URI": store.url, "SECRET_KEY": "only-for-benchmarks"})
    with app.app_context(), unscoped("the benchmark counts"):
        count = db.session.scalar(select(func.count(Delivery.id))) or 0
        db.session.rollback()
        db.engine.dispose()
    return count


@contextlib.contextmanager
def _served(store: Store) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "waitress", "--listen", f"127.0.0.1:{port}", "--threads", THREADS]
    environment = {"DATABASE_URL": store.url, "SECRET_KEY": "only-for-benchmarks" * 2}
    server = subprocess.Popen(
        [sys.executable, *command, "wsgi:app"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, server.pid
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not start")


def _cpu(pid: int) -> float:
    """Return the seconds that a process was on a CPU, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _sent(port: int, token: str, *load: Any) -> tuple[Any, ...]:
    order = json.dumps([port, token, SECONDS, *load])
    program = [sys.executable, "-m", "benchmarks.senders", order]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE)
    return tuple(json.loads(done.stdout))


if __name__ == "__main__":
    for row in rows():
        print("|", " | ".join(map(str, row)), "|", flush=True)
