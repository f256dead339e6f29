"""The functions that jobs run: in modules named ``jobs.py`` of the features, found by themselves.

>>> @job("import_rows", label=_l("Import"), permission=Permission.IMPORT_DATA)
... def run(progress: Progress, *, import_id: str) -> dict: ...

A function runs as the person who started the job: ``g.identity``, ``g.actor`` and the scope are
theirs, read anew. It commits its own batches, and may be run again from its start after its worker
died: what it has done already it must find done. What it has not committed is committed with the
end of the job, so that a function in one transaction needs no thought at all.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel.speaklater import LazyString

from portal.access.permissions import Permission

Run = Callable[..., dict[str, Any] | None]
# Of a job's arguments: the endpoint of its page and the values for it.
Page = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
# Of a job's result: what came of it, in a sentence.
Outcome = Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Kind:
    """One sort of job.

    ``permission`` and ``sees_all``: what who started it must still hold when it runs.
    ``cancellable``: whether it may be stopped in the middle; while it waits it always may, unless
    something was changed in the expectation that it runs.
    ``private``: its page is for who started it alone.
    ``quiet``: nobody waits for it, so the list of jobs shows it only if it failed.
    """

    name: str
    label: LazyString
    run: Run
    permission: Permission | None
    sees_all: bool
    cancellable: bool
    page: Page | None
    outcome: Outcome | None
    quiet: bool = False
    private: bool = False


KINDS: dict[str, Kind] = {}
# What each worker does before its first job; given what stops it, to be called now and again.
AT_START: list[Callable[[Callable[[], None]], None]] = []
# What workers do now and then beside the jobs, e.g. to start those that are due.
ROUNDS: list[Callable[[], None]] = []
# What workers do all the time, each in a thread of its own.
BESIDE: list[Callable[[Flask, threading.Event], None]] = []


def job(
    name: str,
    *,
    label: LazyString,
    permission: Permission | None = None,
    sees_all: bool = False,
    cancellable: bool = True,
    page: Page | None = None,
    outcome: Outcome | None = None,
    quiet: bool = False,
    private: bool = False,
) -> Callable[[Run], Run]:
    """Let jobs named ``name`` run the function."""

    def register(run: Run) -> Run:
        KINDS[name] = Kind(
            name, label, run, permission, sees_all, cancellable, page, outcome, quiet, private
        )
        return run

    return register


def at_start(run: Callable[[Callable[[], None]], None]) -> Callable[[Callable[[], None]], None]:
    """Let each worker run the function before its first job; often there is nothing to do."""
    AT_START.append(run)
    return run


def each_round(run: Callable[[], None]) -> Callable[[], None]:
    """Let every worker call the function about three times a minute, as nobody in particular.

    Several may call it at the same moment: what must be done once, a transaction must see to.
    """
    ROUNDS.append(run)
    return run


def beside(run: Callable[[Flask, threading.Event], None]) -> None:
    """Let every worker run the function in a thread of its own, until the event is set.

    Several workers run it: what must be done once at a time, a lock must see to.
    """
    BESIDE.append(run)


def find() -> None:
    """Import the modules of all features that have jobs."""
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("jobs.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        importlib.import_module(".".join(parts))
