"""Reading files of lines: a batch of lines is one transaction, whatever happens meanwhile."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from flask_babel import gettext as _

from portal.calls import files
from portal.calls.evidence_lines import Batch
from portal.calls.runs import Building
from portal.calls.sources import HEAD_BYTES, detect, form_of
from portal.calls.sources.lines import RawLine, lines_of
from portal.errors import RefusedError

BATCH_LINES = 2000
# A rotated log is packed; what it unpacks to is bounded all the same. No log packs as well as a
# bomb does; small files are let be.
MAX_UNPACKED = 8 * 1024**3
_MOST_RATIO, _UNPACKED_ANYWAY = 100, 32 * 1024**2
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Upload:
    """A file to import, the name under which to show it, and what it is; '' where it tells."""

    path: Path
    name: str
    kind: str = ""


class Reading(Building):
    """Reads files for one run. Who counts how far it is, and commits, is told by each batch."""

    def count_known(self, place: files.Place) -> None:
        """Count the lines of a file that were read before."""
        raise NotImplementedError

    def moved_on(self, size: int) -> None:
        """Count so many bytes as done, and commit."""
        raise NotImplementedError

    def read(self, upload: Upload) -> None:
        """Read what is new in one file."""
        size = upload.path.stat().st_size
        with opened(upload.path) as stream:
            head = stream.read(HEAD_BYTES)
            form = form_of(upload.kind) if upload.kind else detect(head)
            if form is None:
                self.moved_on(size)
                return
            self.hold()
            place = files.find(self.company_id, self.source_id, form.KIND, stream)
            self.count_known(place)
            left = max(0, size - place.offset)
            stream.seek(place.offset)
            lines = lines_of(stream, number=place.lines + 1, offset=place.offset)
            for batch in _batches(_bounded(lines), BATCH_LINES):
                place = self._keep(upload.name, form.KIND, place, batch, stream)
                left -= sum(line.size for line in batch)
            self.moved_on(left)  # what is packed has fewer bytes than it unpacks to

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
        self.moved_on(sum(line.size for line in lines))
        return place


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking it if it is packed, whatever its name says; refuse a damaged one."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        if not packed:
            yield stream
            return
        try:
            with _Unpacked(stream, most_unpacked(path.stat().st_size)) as unpacked:
                yield cast(BinaryIO, unpacked)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise RefusedError(_("%(name)s is damaged or cut off.", name=path.name)) from None


def most_unpacked(packed: int) -> int:
    """Return what so many packed bytes may unpack to."""
    return min(MAX_UNPACKED, max(_UNPACKED_ANYWAY, _MOST_RATIO * packed))


class _Unpacked(gzip.GzipFile):
    """What a packed file unpacks to; refuses a bomb, be it one endless line."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        super().__init__(fileobj=stream)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        if self.tell() > self._most:
            raise RefusedError(files.too_large())
        return chunk


def _bounded(lines: Iterator[RawLine]) -> Iterator[RawLine]:
    for line in lines:
        if line.offset > MAX_UNPACKED:
            raise RefusedError(files.too_large())
        yield line


def _batches(lines: Iterator[RawLine], size: int) -> Iterator[list[RawLine]]:
    while batch := list(itertools.islice(lines, size)):
        yield batch
