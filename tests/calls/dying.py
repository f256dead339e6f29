"""A process whose imports die: it forks for each, and the fork kills itself with SIGKILL.

    python -m tests.calls.dying URL OWNER_URL

Each line of its input is an import as JSON: company, source, paths, and when to die: ``byte`` of
all files behind each other, and how many SQL statements after that byte was read. For each it
answers a line with how the import ended: ``-9`` killed, ``0`` done.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from flask import Flask
from sqlalchemy import event, select

from portal.calls import importing
from portal.calls.evidence import CallSource
from portal.calls.sources import lines as source_lines
from portal.extensions import db
from portal.wall.scope import Scope, entered

# Small pieces, so that each byte is another moment of the import.
CHUNK, BATCH_LINES = 512, 40


class Death:
    """Counts the bytes that were read, then statements, then kills."""

    def __init__(self, byte: int, statements: int) -> None:
        self.byte, self.statements = byte, statements
        self.read = False

    def reached(self, byte: int) -> None:
        self.read = self.read or byte >= self.byte

    def statement(self, *_: Any) -> None:
        if self.read:
            if self.statements == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.statements -= 1


class Watched(io.RawIOBase):
    """A file that tells how far it has been read; ``before`` it are the files before."""

    def __init__(self, stream: BinaryIO, before: int, death: Death) -> None:
        self.stream, self.before, self.death = stream, before, death

    def read(self, size: int = -1) -> bytes:
        found = self.stream.read(size)
        if size == CHUNK:  # lines are read, not the fingerprint
            self.death.reached(self.before + self.stream.tell())
        return found

    def seek(self, *place: int) -> int:
        return self.stream.seek(*place)

    def tell(self) -> int:
        return self.stream.tell()


def carry_out(app: Flask, order: dict[str, Any]) -> None:
    """Import in this process until it dies or is done."""
    paths = [Path(path) for path in order["paths"]]
    death, opened = Death(order["byte"], order["statements"]), importing.opened

    @contextmanager
    def watched(path: Path) -> Iterator[Any]:
        before = sum(other.stat().st_size for other in paths[: paths.index(path)])
        with opened(path) as stream:
            yield Watched(stream, before, death)

    importing.opened = watched
    importing.BATCH_LINES, source_lines._CHUNK = BATCH_LINES, CHUNK
    with app.app_context(), entered(Scope(order["company"], sees_all=True, sees_people=True)):
        event.listen(db.engine, "before_cursor_execute", death.statement)
        event.listen(db.engine, "commit", death.statement)
        query = select(CallSource).where(CallSource.id == uuid.UUID(order["source"]))
        importing.import_files(db.session.scalars(query).one(), paths)


def main() -> None:
    from tests.conftest import make_portal

    app = make_portal(*sys.argv[1:])
    with app.app_context():
        db.engine.dispose()  # a fork must not share a connection
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                carry_out(app, json.loads(line))
            except BaseException:  # noqa: BLE001  # a fork must not go on with its parent's work
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
