"""Work in a process of its own, which may be killed in the middle, as ``kill -9`` does it."""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, select

from portal.extensions import db
from portal.wall.scope import unscoped

# Written by every request or try, also by one that changes nothing.
_OF_THE_WAY_IN = {"auth_sessions", "throttles"}


def killed_before(app: Flask, number: int | None, work: Callable[[], Any]) -> bool:
    """Do ``work`` and kill it before its statement ``number``; None: before its commit.

    Return False if it had no more statements up to its first commit.
    """
    left = number or 0

    def strike(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def strike_commit(connection: Any) -> None:
        nonlocal left
        if number is None:
            os.kill(os.getpid(), signal.SIGKILL)
        left = 0  # what follows is not of the change: mails, for example

    def work_and_die() -> None:
        event.listen(Engine, "before_cursor_execute", strike)
        event.listen(Engine, "commit", strike_commit)
        work()

    status = in_a_process_of_its_own(app, work_and_die)
    assert status in (0, -signal.SIGKILL), "the work itself failed"
    return status != 0


def in_a_process_of_its_own(app: Flask, work: Callable[[], Any]) -> int:
    """Do ``work`` in a copy of this process; return its exit code, or minus its signal."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()  # no connection may be shared with a copy
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        work()
        code = 0
    except Exception:  # noqa: BLE001  # a copy has nobody to raise to
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def bytes_more() -> Callable[[], int]:
    """Return what tells how many bytes more this process has needed since now, at the most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return lambda: (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def all_rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but of those that each request writes."""
    with app.app_context(), unscoped("all rows are compared"):
        return {
            mapper.local_table.name: sorted(_rows(mapper), key=repr)
            for mapper in db.Model.registry.mappers
            if mapper.local_table.name not in _OF_THE_WAY_IN
        }


def _rows(mapper: Any) -> Iterator[tuple[Any, ...]]:
    keys = [column.key for column in mapper.column_attrs]
    for row in db.session.scalars(select(mapper.class_)):
        yield tuple(getattr(row, key) for key in keys)
