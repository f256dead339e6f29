"""Uploaded files, kept on the disk until their import has ended.

Each run has a folder named after its company and itself. The files in it are numbered: the names
that people gave them are only shown.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import event

from portal.calls.reading import Upload
from portal.extensions import db

_NAMES = "names.json"
_BLOCK = 1024 * 1024
_LONGEST_UPLOAD_S = 24 * 3600


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
    note(company_id, run_id, uploads)
    return uploads


def note(company_id: int, run_id: uuid.UUID, uploads: Iterable[Upload]) -> None:
    """Keep the names of the files of a run, and what they are."""
    folder = _folder(company_id, run_id)
    said = json.dumps([(one.path.name, one.name, one.kind) for one in uploads])
    new = folder / f"{_NAMES}.new"
    new.write_text(said, "utf-8")
    new.replace(folder / _NAMES)


def uploads(company_id: int, run_id: uuid.UUID) -> list[Upload]:
    """Return the files of a run, in the order in which they came; none if they are gone."""
    folder = _folder(company_id, run_id)
    try:
        said = json.loads((folder / _NAMES).read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [Upload(folder / file, name, kind) for file, name, kind in said]


def remove(company_id: int, run_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(company_id, run_id), ignore_errors=True)


def forget_unless_committed(company_id: int, run_id: uuid.UUID) -> None:
    """Remove the files of a new run when this transaction ends in any other way than kept."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    session, undecided = db.session(), True

    def keep(session: Any) -> None:
        nonlocal undecided
        undecided = False

    def ended(session: Any, transaction: Any) -> None:
        nonlocal undecided
        if undecided and transaction.parent is None:
            undecided = False
            with app.app_context():
                remove(company_id, run_id)

    event.listen(session, "after_commit", keep, once=True)
    event.listen(session, "after_transaction_end", ended)


def old_folders() -> list[tuple[int, uuid.UUID]]:
    """Return company and run of every folder that has been there for longer than any upload takes.

    Those are of runs that were interrupted, and of uploads that ended with their process.
    """
    found = []
    for folder in sorted(_root().glob("*-????????????????????????????????")):
        if time.time() - folder.stat().st_mtime > _LONGEST_UPLOAD_S:
            company, _, run = folder.name.partition("-")
            found.append((int(company), uuid.UUID(run)))
    return found


def _folder(company_id: int, run_id: uuid.UUID) -> Path:
    return _root() / f"{company_id}-{run_id.hex}"


def _root() -> Path:
    given = current_app.config.get("UPLOADS_FOLDER")
    return Path(given) if given else Path(current_app.instance_path, "uploads")
