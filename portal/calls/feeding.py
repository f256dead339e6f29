"""Taking into the evidence what comes piece by piece: documents that are sent, rows of tables.

Each piece is a line of a file without an end, one for each format and place it comes from. What was
taken of a source in a day is one run.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from portal.calls.evidence import CallSource, EvidenceFile, ImportRun
from portal.calls.evidence_lines import Batch
from portal.calls.runs import Building
from portal.calls.sources.lines import RawLine
from portal.database import new_id, utcnow
from portal.extensions import db


def feed(
    source: CallSource, kind: str, name: str, *lots: Sequence[bytes], reread: bool = False
) -> ImportRun:
    """Keep lots of pieces that came from ``name``, and build what follows. Commits nothing.

    A piece that came before is a duplicate; equal pieces within one lot are twins.
    ``reread``: ``name`` was looked at again, and what it told before is not told once more.
    """
    run = run_of_today(source)
    building = Building(run)
    building.hold()
    file_id, lines, begins = _lines(source, kind, name, lots)
    batch = Batch(source.company_id, source.id, run.id, kind)
    batch.keep(file_id, lines, begins, reread=reread)
    _set_end(source.company_id, file_id, lines, batch)
    building.build(batch, to_the_end=bool(batch.of_operators))
    size = sum(line.size for line in lines)
    building.count(**batch.counts, bytes_total=size, bytes_done=size)
    building.set(finished_at=utcnow())
    db.session.flush()
    db.session.refresh(run)
    return run


def run_of_today(source: CallSource) -> ImportRun:
    """Return the run of what comes to a source today (UTC) by itself; begin it if need be."""
    midnight = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(ImportRun).where(
        ImportRun.company_id == source.company_id,
        ImportRun.source_id == source.id,
        ImportRun.continuous,
        ImportRun.started_at >= midnight,
        ImportRun.started_at < midnight + dt.timedelta(days=1),
    )
    run = db.session.scalars(query.limit(1)).first()
    if run is None:
        run = ImportRun(
            company_id=source.company_id,
            id=new_id(),
            source_id=source.id,
            continuous=True,
            state="done",
            finished_at=utcnow(),
        )
        db.session.add(run)
        db.session.flush()
    return run


def _lines(
    source: CallSource, kind: str, name: str, lots: Iterable[Sequence[bytes]]
) -> tuple[uuid.UUID, list[RawLine], set[int]]:
    """Number the pieces behind those that are there; tell with which numbers the lots begin."""
    file = _file(source, kind, name)
    number, offset, begins = file.lines, file.offset, set()
    lines: list[RawLine] = []
    for lot in lots:
        begins.add(number + 1)
        for piece in lot:
            number += 1
            lines.append(RawLine(number, offset, piece, len(piece) + 1, complete=True))
            offset += len(piece) + 1
    return file.id, lines, begins


def _file(source: CallSource, kind: str, name: str) -> EvidenceFile:
    own = {"company_id": source.company_id, "source_id": source.id, "kind": kind, "name": name}
    query = select(EvidenceFile).filter_by(**own, fingerprint="").limit(1)
    file = db.session.scalars(query).first()
    if file is None:
        file = EvidenceFile(id=new_id(), fingerprint="", fingerprint_bytes=0, **own)
        db.session.add(file)
        db.session.flush()
    return file


def _set_end(company_id: int, file_id: uuid.UUID, lines: Sequence[RawLine], batch: Batch) -> None:
    """Note how far the file goes now, and from when to when."""
    if not lines:
        return
    file = db.session.get_one(EvidenceFile, (company_id, file_id))
    file.lines, file.offset = lines[-1].number, lines[-1].offset + lines[-1].size
    times = [at for at in (file.first_at, batch.first_at) if at is not None]
    file.first_at = min(times, default=None)
    times = [at for at in (file.last_at, batch.last_at) if at is not None]
    file.last_at = max(times, default=None)
    db.session.flush()
