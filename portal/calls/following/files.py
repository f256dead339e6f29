"""Following files: logs that grow and are rotated, and folders into which documents are put."""

from __future__ import annotations

import glob
import time
from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext as _

from portal.calls.evidence import CallSource
from portal.calls.feeding import feed, run_of_today
from portal.calls.files import Place, unrecognised
from portal.calls.following.paths import is_allowed
from portal.calls.reading import Reading, Upload, opened
from portal.calls.sources import HEAD_BYTES, detect, unreadable
from portal.calls.sources.freeswitch_document import document_of
from portal.calls.sources.pieces import LARGEST, Piece, pieces_of
from portal.errors import RefusedError
from portal.extensions import db

_WRITTEN_S = 5.0


@dataclass
class Seen:
    """What has been seen of the files of one source: how large, and when they were changed.

    ``faults``: what is wrong with some of them. The others are read all the same.
    """

    files: dict[Path, tuple[int, int, int]] = field(default_factory=dict)
    faults: dict[Path, str] = field(default_factory=dict)

    def take(self, source: CallSource) -> bool:
        """Read what is new in the files of ``source``; tell whether anything was. Commits."""
        found, before, self.faults = False, self.faults, {}
        for path in (Path(line) for line in source.paths.splitlines() if line.strip()):
            try:
                of_path = _files(path)
            except (RefusedError, OSError) as error:
                self.faults[path] = str(error)
                continue
            for file in of_path:
                found |= self._take(source, file, path, before.get(file))
        return found

    def _take(self, source: CallSource, file: Path, path: Path, fault: str | None) -> bool:
        """Read what is new in one file; ``fault``: what was wrong with it when it was read last."""
        try:
            stat = file.stat()
            now = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if self.files.get(file) == now:
                self.faults |= {file: fault} if fault else {}
                return False
            if _is_half_written(file, stat.st_mtime):
                return False
            self.files[file] = now
            return _read(source, file, path)
        except RefusedError as error:
            db.session.rollback()
            self.faults[file] = error.message
        except FileNotFoundError:  # it has another name since
            db.session.rollback()
        except OSError as error:
            db.session.rollback()
            self.files.pop(file, None)
            self.faults[file] = str(error)
        return False


def _files(path: Path) -> list[Path]:
    """Return a log and what it was rotated to, or the files of a folder; the oldest first."""
    if not is_allowed(path):  # the folders may have been fewer since
        raise RefusedError(_("%(path)s is not open to the portal.", path=path))
    if path.is_dir():
        found = [file for file in path.iterdir() if file.is_file() and is_allowed(file)]
    else:
        found = [
            file
            for file in path.parent.glob(f"{glob.escape(path.name)}*")
            if file.is_file() and is_allowed(file)
        ]
        if not found:
            raise RefusedError(_("There is no file %(path)s.", path=path))
    return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _is_half_written(file: Path, changed: float) -> bool:
    """Tell whether a file does not yet say what it is, and may still be at it."""
    if time.time() - changed > _WRITTEN_S:
        return False
    try:
        pieces = pieces_of(_beginning(file, LARGEST))
    except RefusedError:  # it is being packed
        return True
    return not pieces or pieces[0].kind == unreadable.KIND


def _read(source: CallSource, file: Path, path: Path) -> bool:
    """Take in what is new in one file; tell whether anything was. ``path``: what is followed."""
    run = run_of_today(source)
    before = run.lines_ok + run.lines_unknown + run.lines_malformed
    document = path.is_dir() and _document(file)
    if document:
        feed(source, document[0].kind, str(path), [piece.raw for piece in document])
        db.session.commit()
    elif detect(_beginning(file, HEAD_BYTES)) is not None:
        _Log(run).read(Upload(file, file.name))
    elif file == path and file.stat().st_size:
        raise RefusedError(unrecognised(file.name))
    db.session.refresh(run)
    return run.lines_ok + run.lines_unknown + run.lines_malformed > before


def _document(file: Path) -> list[Piece]:
    """Return a file of a folder as what it is kept as, unless it is a log."""
    body = _beginning(file, LARGEST)
    if document_of(body) is None and detect(body[:HEAD_BYTES]) is not None:
        return []
    return pieces_of(body) if body.strip() else []


def _beginning(file: Path, size: int) -> bytes:
    with opened(file) as stream:
        return stream.read(size)


class _Log(Reading):
    """A log that is followed: what is read of it counts to the run of the day."""

    def count_known(self, place: Place) -> None:
        """Lines that were read before are nothing new to tell."""

    def moved_on(self, size: int) -> None:
        self.count(bytes_total=size, bytes_done=size)
        db.session.commit()
