"""Importing files of a call source: evidence first, then the calls that it makes.

Files are read in batches of lines. One transaction keeps the lines of a batch, how far the file has
been read, the calls built from them and the totals: an import that is killed at any moment goes on
where it was. A line that another file brought already is kept as a duplicate and changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import func, select

from portal.audit import trail
from portal.calls import files
from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.evidence_lines import complete_cut_lines
from portal.calls.reading import Reading, Upload, opened
from portal.calls.sources import HEAD_BYTES, detect
from portal.calls.turns import in_turn
from portal.database import new_id, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.jobs.progress import Interrupted
from portal.members.models import User
from portal.wall.scope import unscoped


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
    with opened(upload.path) as stream:
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


class _Importing(Reading):
    """One run at work on its files."""

    def __init__(self, run: ImportRun, progress: Callable[[int, int], None] | None) -> None:
        super().__init__(run)
        self.total, self.done = run.bytes_total, 0
        self.progress = progress

    def begin(self) -> None:
        """Count anew what is counted file by file: this run may have begun before."""
        self.set(state="running", finished_at=None, error="", lines_known=0, lines_pending=0)
        self.moved_on(0)

    def count_known(self, place: files.Place) -> None:
        self.count(lines_known=place.lines - self._own_lines(place))

    def moved_on(self, size: int) -> None:
        self.done += size
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
            self.moved_on(0)
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
