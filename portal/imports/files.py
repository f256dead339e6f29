"""Uploaded tables, kept on the disk until they are taken in."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from pathlib import Path
from typing import IO

from flask import current_app

_BLOCK = 1024 * 1024
KEPT_S = 7 * 24 * 3600


def keep(company_id: int, import_id: uuid.UUID, stream: IO[bytes]) -> int:
    """Write a file to the disk and return its size; nothing stays if the disk is full."""
    path = path_of(company_id, import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file, _BLOCK)
            os.fsync(file.fileno())
            return file.tell()
    except OSError:
        remove(company_id, import_id)
        raise


def path_of(company_id: int, import_id: uuid.UUID) -> Path:
    return _folder() / f"{company_id}-{import_id.hex}"


def remove(company_id: int, import_id: uuid.UUID) -> None:
    path_of(company_id, import_id).unlink(missing_ok=True)


def remove_old() -> None:
    """Remove what nobody has started, or finished, for a week."""
    for path in _folder().glob("*-????????????????????????????????"):
        try:
            if time.time() - path.stat().st_mtime > KEPT_S:
                path.unlink()
        except FileNotFoundError:
            continue


def _folder() -> Path:
    given = current_app.config.get("UPLOADS_FOLDER")
    return Path(given or Path(current_app.instance_path, "uploads")) / "tables"
