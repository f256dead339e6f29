"""``flask portal worker``: the process that does the jobs."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import click
from flask import current_app

from portal import connections
from portal.cli import commands
from portal.jobs import worker


@commands.command("worker")
@click.option("--once", is_flag=True, help="Do what waits, and end.")
@click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
def work(once: bool, parent: int | None) -> None:
    """Do the jobs that people start, such as imports, until told to stop.

    Several may run at once, on several machines. One that is told to stop hands its job back.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    connections.refuse_unsafe_role(app)
    if once:
        worker.begin(app, threading.Event())
        click.echo(f"{worker.run_waiting(app)} jobs done")
        return
    stopping = threading.Event()

    def stop(number: int, frame: Any) -> None:
        stopping.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    with worker.threads_beside(app, stopping):
        worker.work(app, stopping, lambda: parent is None or os.getppid() == parent)
