"""Taking turns: of each source one import at a time, whoever begins it, on whichever machine.

Turns are kept where the calls are: in PostgreSQL as advisory locks, beside a file of SQLite as
locks on files. Both end with the process that holds them, however it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import func, select

from portal.extensions import db

_PAUSE = 0.1  # seconds between two tries
Try = Callable[[], bool]


@contextmanager
def in_turn(
    source_id: uuid.UUID,
    waiting: Callable[[], None] | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Wait until no other import of the source is at work; ``waiting`` is called if one is.

    ``meanwhile`` is called again and again while waiting, and may end it by raising.
    The session must have no transaction open: the other import could not go on.
    """
    with _lock(source_id) as got:
        if not got() and waiting:
            waiting()
        while not got():
            meanwhile()
            time.sleep(_PAUSE)
        yield


@contextmanager
def turn_if_free(source_id: uuid.UUID) -> Iterator[bool]:
    """Take the turn if no import of the source is at work; tell whether."""
    with _lock(source_id) as got:
        yield got()


def _lock(source_id: uuid.UUID) -> AbstractContextManager[Try]:
    if db.engine.dialect.name == "postgresql":
        return _in_database(source_id)
    return _on_file(Path(f"{db.engine.url.database}.imports"), source_id)


@contextmanager
def _in_database(source_id: uuid.UUID) -> Iterator[Try]:
    """Try for an advisory lock on a connection of its own, which holds no transaction open."""
    digest = hashlib.blake2b(b"import" + source_id.bytes, digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    held = False

    def got() -> bool:
        nonlocal held
        held = held or bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
        return held

    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield got
        finally:
            if held:
                connection.scalar(select(func.pg_advisory_unlock(key)))


@contextmanager
def _on_file(folder: Path, source_id: uuid.UUID) -> Iterator[Try]:
    folder.mkdir(exist_ok=True)
    held = False

    def got() -> bool:
        nonlocal held
        if not held:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            held = True
        return True

    with (folder / source_id.hex).open("w") as file:
        yield got
