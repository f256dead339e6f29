"""A worker beside the server of the demo: both begin and end together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STOP_S = 5  # a job that has not looked up by then is gone on with by the next worker


@contextmanager
def worker_beside(app: str) -> Iterator[None]:
    """Run ``flask --app APP portal worker`` until the end of this; begin it again if it dies."""
    command = [sys.executable, "-m", "flask", "--app", app, "portal", "worker"]
    command += ["--parent", str(os.getpid())]
    over = threading.Event()
    thread = threading.Thread(target=_keep_running, args=(command, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep_running(command: list[str], over: threading.Event) -> None:
    while not over.is_set():
        worker = subprocess.Popen(command)  # noqa: S603  # our own command
        while worker.poll() is None and not over.wait(0.2):
            pass
        if worker.poll() is None:
            _end(worker)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
