"""Following files: logs that grow and are rotated, and folders into which documents are put."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext as _

from portal.calls.evidence import CallSource
from portal.calls.feeding import feed, run_of_today
from portal.calls.files import Place
from portal.calls.reading import Reading, Upload
from portal.calls.sources import HEAD_BYTES, detect
from portal.calls.sources.pieces import pieces_of
from portal.errors import RefusedError
from portal.extensions import db

LARGEST_DOCUMENT = 4 * 1024**2
_AT_ONCE = 200


@dataclass
class Seen:
    """What has been seen of the files of one source: how large, and when they were changed."""

    files: dict[Path, tuple[int, int, int]] = field(default_factory=dict)

    def take(self, source: CallSource) -> bool:
        """Read what is new in the files of ``source``; tell whether anything was. Commits."""
        found = False
        for path in (Path(line) for line in source.paths.splitlines() if line.strip()):
            for file in _files(path):
                stat = file.stat()
                now = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
                if self.files.get(file) != now:
                    found |= _read(source, file)
                    self.files[file] = now
        return found


def _files(path: Path) -> list[Path]:
    """Return a log and what it was rotated to, or the files of a folder; the oldest first."""
    if path.is_dir():
        found = [file for file in path.iterdir() if file.is_file()]
    else:
        found = [file for file in path.parent.glob(f"{path.name}*") if file.is_file()]
        if not found:
            raise RefusedError(_("There is no file %(path)s.", path=path))
    return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _read(source: CallSource, file: Path) -> bool:
    """Take in what is new in one file; tell whether anything was."""
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip():
        return False
    run = run_of_today(source)
    before = run.lines_ok + run.lines_unknown + run.lines_malformed
    if detect(head) is not None:
        _Log(run).read(Upload(file, file.name))
    elif file.stat().st_size <= LARGEST_DOCUMENT:
        of_kind = pieces_of(file.read_bytes())
        feed(source, of_kind[0].kind, str(file.parent), [piece.raw for piece in of_kind])
        db.session.commit()
    db.session.refresh(run)
    return run.lines_ok + run.lines_unknown + run.lines_malformed > before


class _Log(Reading):
    """A log that is followed: what is read of it counts to the run of the day."""

    def count_known(self, place: Place) -> None:
        """Lines that were read before are nothing new to tell."""

    def moved_on(self, size: int) -> None:
        self.count(bytes_total=size, bytes_done=size)
        db.session.commit()
