"""Cutting a stream of bytes into lines, without ever holding more than one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

# Asterisk writes no line near this length; what is longer is no line but damage.
MAX_LINE = 64 * 1024
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line without its line feed. ``complete`` is false for what follows the last one.

    ``raw`` holds at most :data:`MAX_LINE` bytes; ``size`` counts all of the line, line feed too.
    """

    number: int
    offset: int
    raw: bytes
    size: int
    complete: bool

    @property
    def too_long(self) -> bool:
        return len(self.raw) < self.size - self.complete


def lines_of(stream: BinaryIO, *, number: int = 1, offset: int = 0) -> Iterator[RawLine]:
    """Cut ``stream``, which stands at ``offset``, where line ``number`` begins."""
    kept, size = bytearray(), 0
    while chunk := stream.read(_CHUNK):
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            kept += chunk[start : min(end, start + MAX_LINE - len(kept))]
            size += end + 1 - start
            yield RawLine(number, offset, bytes(kept), size, complete=True)
            number, offset, start, size = number + 1, offset + size, end + 1, 0
            kept.clear()
        kept += chunk[start : start + MAX_LINE - len(kept)]
        size += len(chunk) - start
    if size:
        yield RawLine(number, offset, bytes(kept), size, complete=False)
