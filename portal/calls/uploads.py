"""Files that are brought for an import: their format, unpacked, and their lines in batches."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from portal.calls import files
from portal.calls.sources import HEAD_BYTES, detect
from portal.calls.sources.lines import RawLine
from portal.errors import RefusedError

# A rotated log is packed; what it unpacks to is bounded all the same.
MAX_UNPACKED = 8 * 1024**3
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Upload:
    """A file to import, and the name under which to show it."""

    path: Path
    name: str


def check_format(upload: Upload) -> None:
    """Refuse a file that no format recognises; an empty one is none."""
    with opened(upload.path) as stream:
        head = stream.read(HEAD_BYTES)
    if head.strip() and detect(head) is None:
        raise RefusedError(files.unrecognised(upload.name), field="files")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpacking it if it is packed, whatever its name says."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        if not packed:
            yield stream
            return
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield cast(BinaryIO, unpacked)


def batches(lines: Iterator[RawLine], size: int) -> Iterator[list[RawLine]]:
    """Yield so many lines at a time, of a file that is not too large."""
    while batch := list(itertools.islice(lines, size)):
        if batch[-1].offset > MAX_UNPACKED:
            raise RefusedError(files.too_large())
        yield batch
