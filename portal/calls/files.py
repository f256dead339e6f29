"""Which file is which: a log is known again by what it begins with, under any name.

A log that has grown goes on where its reading ended; the same bytes under another name are the same
file. Anything else is a file of its own, and its lines tell what is new in it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from portal.calls.evidence import EvidenceFile, EvidenceLine
from portal.calls.sources.lines import MAX_LINE, RawLine
from portal.database import new_id
from portal.extensions import db

FINGERPRINT_BYTES = 4096


@dataclass(frozen=True)
class Place:
    """How far a file has been read; no ``file_id``: not at all."""

    file_id: uuid.UUID | None = None
    offset: int = 0
    lines: int = 0


class Owner(Protocol):
    """Whose files these are."""

    company_id: int
    source_id: uuid.UUID


def find(company_id: int, source_id: uuid.UUID, kind: str, stream: BinaryIO) -> Place:
    """Return how far this file was read before, under whatever name."""
    known = db.session.scalars(
        select(EvidenceFile)
        .where(
            EvidenceFile.company_id == company_id,
            EvidenceFile.source_id == source_id,
            EvidenceFile.kind == kind,
        )
        .order_by(EvidenceFile.offset.desc())
    ).all()
    for file in known:
        if _begins_alike(file, stream) and _reaches(file, stream):
            return Place(file.id, file.offset, file.lines)
    return Place()


def look_again(company_id: int, file_id: uuid.UUID) -> Place:
    """Return how far a file has been read by now."""
    offset, lines = db.session.execute(
        select(EvidenceFile.offset, EvidenceFile.lines).where(
            EvidenceFile.company_id == company_id, EvidenceFile.id == file_id
        )
    ).one()
    return Place(file_id, offset, lines)


def advance(
    owner: Owner,
    name: str,
    kind: str,
    place: Place,
    lines: Sequence[RawLine],
    stream: BinaryIO,
) -> Place:
    """Note that ``lines`` are read; make the file if it is new."""
    offset, count = lines[-1].offset + lines[-1].size, place.lines + len(lines)
    length = min(offset, FINGERPRINT_BYTES)
    values = {
        "name": name[:255],
        "offset": offset,
        "lines": count,
        "fingerprint": _fingerprint(stream, length),
        "fingerprint_bytes": length,
    }
    if place.file_id:
        _set(owner.company_id, place.file_id, **values)
        return Place(place.file_id, offset, count)
    keys = {"company_id": owner.company_id, "source_id": owner.source_id, "kind": kind}
    file = EvidenceFile(**keys, id=new_id(), **values)
    file_id = file.id
    db.session.add(file)
    db.session.flush()
    return Place(file_id, offset, count)


def note_pending(company_id: int, file_id: uuid.UUID, pending: Sequence[RawLine]) -> None:
    """Keep what follows the last line end: the rest of that line may be in another file."""
    _set(company_id, file_id, pending=pending[0].raw if pending else b"")


def note_times(
    company_id: int, file_id: uuid.UUID | None, first: int | None, last: int | None
) -> None:
    """Note the times of the first and the last line of a file."""
    if file_id and first is not None:
        first_at = func.coalesce(EvidenceFile.first_at, first)
        _set(company_id, file_id, first_at=first_at, last_at=last)


def unrecognised(name: str) -> str:
    return _("%(name)s is not a file that can be imported: its format is not known.", name=name)


def too_large() -> str:
    return _("The file is too large.")


def _set(company_id: int, file_id: uuid.UUID, **values: object) -> None:
    db.session.execute(
        update(EvidenceFile)
        .where(EvidenceFile.company_id == company_id, EvidenceFile.id == file_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _begins_alike(file: EvidenceFile, stream: BinaryIO) -> bool:
    return _fingerprint(stream, file.fingerprint_bytes) == file.fingerprint


def _fingerprint(stream: BinaryIO, length: int) -> str:
    """Hash the first bytes; the stream stays where it is."""
    place = stream.tell()
    stream.seek(0)
    digest = hashlib.sha256(stream.read(length)).hexdigest()
    stream.seek(place)
    return digest


def _reaches(file: EvidenceFile, stream: BinaryIO) -> bool:
    """Tell whether the file has, where its reading ended, the line that was read last."""
    last = db.session.execute(
        select(EvidenceLine.offset, EvidenceLine.raw).where(
            EvidenceLine.company_id == file.company_id,
            EvidenceLine.file_id == file.id,
            EvidenceLine.number == file.lines,
        )
    ).first()
    if last is None:
        return False
    stream.seek(last.offset)
    raw = stream.read(file.offset - last.offset)
    return raw.endswith(b"\n") and raw[:-1][:MAX_LINE] == last.raw
