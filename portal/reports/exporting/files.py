"""Downloads on the disk, until they are a day old."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flask import current_app

from portal.database import new_id
from portal.jobs.registry import each_round

KEPT_S = 24 * 3600


@contextmanager
def written(company_id: int, export_id: uuid.UUID) -> Iterator[IO[bytes]]:
    """Let a file be written; it is there when it is whole, and not at all if that fails."""
    path = path_of(company_id, export_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{new_id().hex}")  # another worker may be at it still
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def path_of(company_id: int, export_id: uuid.UUID) -> Path:
    return _folder() / f"{company_id}-{export_id.hex}"


@each_round
def remove_old() -> None:
    """Remove downloads that are a day old, and what dead workers left of theirs."""
    for path in _folder().glob("*-????????????????????????????????*"):
        try:
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()
        except FileNotFoundError:  # another worker did
            continue


def _folder() -> Path:
    given = current_app.config.get("UPLOADS_FOLDER")
    return Path(given or Path(current_app.instance_path, "uploads")) / "exports"
