"""Uploaded files, kept on the disk until their import has ended.

Each run has a folder named after its company and itself. The files in it are numbered: the names
that people gave them are only shown. Locks are those of the system, which end with the process that
holds them: a run without a lock on it is at work nowhere.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from flask import current_app

from portal.calls.importing import Upload

_NAMES = "names.json"
_LOCK = "lock"
_BLOCK = 1024 * 1024
_LONGEST_UPLOAD_S = 24 * 3600
_PAUSE = 0.05  # seconds between two tries


def keep(company_id: int, run_id: uuid.UUID, files: Iterable[tuple[str, BinaryIO]]) -> list[Upload]:
    """Write the files of a run to the disk, and only then their names: a half spool is none."""
    folder = _folder(company_id, run_id)
    folder.mkdir(parents=True)
    uploads = []
    for number, (name, stream) in enumerate(files):
        path = folder / f"{number:04}"
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file, _BLOCK)
            os.fsync(file.fileno())
        uploads.append(Upload(path, name))
    (folder / _NAMES).write_text(json.dumps([upload.name for upload in uploads]), "utf-8")
    return uploads


def uploads(company_id: int, run_id: uuid.UUID) -> list[Upload]:
    """Return the files of a run, in the order in which they came; none if they are gone."""
    folder = _folder(company_id, run_id)
    try:
        names = json.loads((folder / _NAMES).read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [Upload(folder / f"{number:04}", name) for number, name in enumerate(names)]


def remove(company_id: int, run_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(company_id, run_id), ignore_errors=True)


def is_old(company_id: int, run_id: uuid.UUID) -> bool:
    """Tell whether a folder has been there for longer than any upload takes."""
    try:
        return time.time() - _folder(company_id, run_id).stat().st_mtime > _LONGEST_UPLOAD_S
    except FileNotFoundError:
        return False


def waiting() -> list[tuple[int, uuid.UUID]]:
    """Return company and run of every folder: what was under way when the portal stopped."""
    found = []
    for folder in sorted(_root().glob("*-????????????????????????????????")):
        company, _, run = folder.name.partition("-")
        found.append((int(company), uuid.UUID(run)))
    return found


@contextmanager
def alone(company_id: int, run_id: uuid.UUID, *, patience: float = 0) -> Iterator[bool]:
    """Be the only one at work on a run; gives False if somebody is already.

    ``patience``: seconds to try again for, since somebody may only be looking (:func:`at_work`).
    """
    with _locked(_folder(company_id, run_id) / _LOCK, patience) as got:
        yield got


def at_work(company_id: int, run_id: uuid.UUID) -> bool:
    """Tell whether some process is at work on a run."""
    with alone(company_id, run_id) as free:
        return not free and _folder(company_id, run_id).exists()


@contextmanager
def _locked(path: Path, patience: float) -> Iterator[bool]:
    """Hold the lock on a file; gives False where its folder is gone, or after ``patience``."""
    try:
        file = path.open("w")
    except FileNotFoundError:
        yield False
        return
    with file:
        yield _lock(file, time.monotonic() + patience)


def _lock(file: TextIO, until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _folder(company_id: int, run_id: uuid.UUID) -> Path:
    return _root() / f"{company_id}-{run_id.hex}"


def _root() -> Path:
    given = current_app.config.get("UPLOADS_FOLDER")
    return Path(given) if given else Path(current_app.instance_path, "uploads")
