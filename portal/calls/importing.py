"""Importing files of a call source: evidence first, then the calls that it makes.

Files are read in batches of lines. One transaction keeps the lines of a batch, how far the file has
been read, the calls built from them and the totals: an import that is killed at any moment goes on
where it was. A line that another file brought already is kept as a duplicate and changes nothing.
"""

from __future__ import annotations

import gzip
import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import func, select

from portal.audit import trail
from portal.calls import files
from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.evidence_lines import Batch, complete_cut_lines
from portal.calls.runs import Building
from portal.calls.sources import HEAD_BYTES, detect, form_of
from portal.calls.sources.lines import RawLine, lines_of
from portal.calls.turns import in_turn
from portal.database import new_id, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.jobs.progress import Interrupted
from portal.members.models import User
from portal.wall.scope import unscoped

BATCH_LINES = 1000
# A rotated log is packed; what it unpacks to is bounded all the same.
MAX_UNPACKED = 8 * 1024**3
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Upload:
    """A file to import, the name under which to show it, and what it is; '' where it tells."""

    path: Path
    name: str
    kind: str = ""


def import_files(
    source: CallSource,
    paths: Sequence[Path | Upload],
    *,
    actor: User | None = None,
    progress: Callable[[int, int], None] | None = None,
    waiting: Callable[[], None] | None = None,
) -> ImportRun:
    """Import files into ``source``; return the finished run. Commits as it goes.

    ``progress`` is called with the bytes done and the bytes in all, ``waiting`` if another import
    of the source has to end first. A file whose format nobody knows is refused before anything is
    read.
    """
    uploads = [path if isinstance(path, Upload) else Upload(path, path.name) for path in paths]
    for upload in uploads:
        check_format(upload)
    source_id = source.id
    run_id = start(source, uploads, actor=actor)
    with in_turn(source_id, waiting):
        return carry_out(run_id, uploads, progress=progress)


def check_format(upload: Upload) -> None:
    """Refuse a file that no format recognises; an empty one is none."""
    if not is_known(upload):
        raise RefusedError(files.unrecognised(upload.name), field="files")


def is_known(upload: Upload) -> bool:
    """Tell whether the format of a file is said, or tells itself; an empty one has none."""
    with _opened(upload.path) as stream:
        head = stream.read(HEAD_BYTES)
    return bool(upload.kind) or not head.strip() or detect(head) is not None


def start(source: CallSource, uploads: Sequence[Upload], *, actor: User | None) -> uuid.UUID:
    """Begin a run and commit it, so that it can be watched; return its id."""
    with unscoped("imports make calls of every project, and of none"):
        run = ImportRun(
            company_id=source.company_id,
            id=new_id(),
            source_id=source.id,
            by_id=actor.id if actor else None,
            files=len(uploads),
            bytes_total=sum(upload.path.stat().st_size for upload in uploads),
        )
        run_id = run.id
        db.session.add(run)
        db.session.commit()
    return run_id


def carry_out(
    run_id: uuid.UUID,
    uploads: Sequence[Upload],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImportRun:
    """Read the files of a run that was started, to its end; fail it where that cannot be."""
    with unscoped("imports make calls of every project, and of none"):
        run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id)).one()
        importing = _Importing(run, progress)
        try:
            importing.begin()
            for upload in uploads:
                importing.read(upload)
            importing.finish()
        except Interrupted:  # it goes on later, by another worker or by somebody's wish
            db.session.rollback()
            raise
        except BaseException as error:
            db.session.rollback()
            importing.fail(error)
            raise
        return db.session.scalars(select(ImportRun).where(ImportRun.id == run_id)).one()


class _Importing(Building):
    """One run at work on its files."""

    def __init__(self, run: ImportRun, progress: Callable[[int, int], None] | None) -> None:
        super().__init__(run)
        self.total, self.done = run.bytes_total, 0
        self.progress = progress

    def begin(self) -> None:
        """Count anew what is counted file by file: this run may have begun before."""
        self.set(state="running", finished_at=None, error="", lines_known=0, lines_pending=0)
        self._commit()

    def read(self, upload: Upload) -> None:
        """Read what is new in one file."""
        with _opened(upload.path) as stream:
            head = stream.read(HEAD_BYTES)
            form = form_of(upload.kind) if upload.kind else detect(head)
            if form is None:
                self._advance(upload.path.stat().st_size)
                return
            self.hold()
            place = files.find(self.company_id, self.source_id, form.KIND, stream)
            self.count(lines_known=place.lines - self._own_lines(place))
            start = self.done
            self.done += min(place.offset, upload.path.stat().st_size)
            stream.seek(place.offset)
            lines = lines_of(stream, number=place.lines + 1, offset=place.offset)
            for batch in _batches(_bounded(lines), BATCH_LINES):
                place = self._keep(upload.name, form.KIND, place, batch, stream)
            self._advance(max(0, start + upload.path.stat().st_size - self.done))

    def _keep(
        self,
        name: str,
        kind: str,
        place: files.Place,
        lines: list[RawLine],
        stream: BinaryIO,
    ) -> files.Place:
        """Keep one batch and what follows from it, all or nothing."""
        self.hold()
        if place.file_id:  # another import may have gone on with this file meanwhile
            place = files.look_again(self.company_id, place.file_id)
            lines = [line for line in lines if line.offset >= place.offset]
        complete = [line for line in lines if line.complete]
        batch = Batch(self.company_id, self.source_id, self.run_id, kind)
        pending = [line for line in lines if not line.complete]
        if complete:
            place = files.advance(self, name, kind, place, complete, stream)
        if place.file_id:
            batch.keep(place.file_id, complete)
            files.note_pending(self.company_id, place.file_id, pending)
            files.note_times(self.company_id, place.file_id, batch.first_at, batch.last_at)
        self.build(batch)
        self.count(**batch.counts, lines_pending=len(pending))
        self.done += sum(line.size for line in lines)
        self._commit()
        return place

    def _own_lines(self, place: files.Place) -> int:
        """Return how many lines of a file this run has read before it was interrupted."""
        if place.file_id is None:
            return 0
        own = select(func.count(EvidenceLine.id)).where(
            EvidenceLine.company_id == self.company_id,
            EvidenceLine.file_id == place.file_id,
            EvidenceLine.run_id == self.run_id,
            EvidenceLine.number > 0,
        )
        return db.session.scalar(own) or 0

    def _advance(self, size: int) -> None:
        self.done += size
        self._commit()

    def _commit(self) -> None:
        self.set(bytes_done=min(self.done, self.total))
        db.session.commit()
        if self.progress:
            self.progress(min(self.done, self.total), self.total)

    def finish(self) -> None:
        """Put together lines that were cut between two files, and close the run."""
        self.hold()
        for batch in complete_cut_lines(self.company_id, self.source_id, self.run_id):
            self.build(batch)
        for _step in self.build_touched():
            self._commit()
            self.hold()
        self.go_on_with_statuses()
        self.set(state="done", finished_at=utcnow(), bytes_done=self.total)
        self._tell()
        db.session.commit()

    def fail(self, error: BaseException) -> None:
        self.set(
            state="failed", finished_at=utcnow(), error=f"{type(error).__name__}: {error}"[:500]
        )
        db.session.commit()

    def _tell(self) -> None:
        """Leave one entry in the trail for the whole run."""
        run = db.session.scalars(
            select(ImportRun).where(
                ImportRun.company_id == self.company_id, ImportRun.id == self.run_id
            )
        ).one()
        counts = ("files", "lines_read", "lines_malformed", "calls_new", "calls_changed")
        trail.record(
            "imported",
            kind="import",
            object_id=run.id,
            object_name=self.source().name,
            detail={name: getattr(run, name) for name in counts},
            company_id=self.company_id,
            actor=run.by,
        )


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking it if it is packed, whatever its name says."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        if not packed:
            yield stream
            return
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield cast(BinaryIO, unpacked)


def _bounded(lines: Iterator[RawLine]) -> Iterator[RawLine]:
    for line in lines:
        if line.offset > MAX_UNPACKED:
            raise RefusedError(files.too_large())
        yield line


def _batches(lines: Iterator[RawLine], size: int) -> Iterator[list[RawLine]]:
    while batch := list(itertools.islice(lines, size)):
        yield batch
