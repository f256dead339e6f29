"""From a body, or a whole file, to the pieces that are kept: one document, or lines of a log."""

from __future__ import annotations

from typing import NamedTuple

from portal.calls.sources import (
    BOM,
    HEAD_BYTES,
    asterisk_ami,
    detect,
    freeswitch_document,
    unreadable,
)

LARGEST = 4 * 1024**2  # bytes that one body, or one file of a folder of documents, may have
# No log has lines so short that more of them are in one body; and each of them takes memory.
MOST_PIECES = 100_000


class Piece(NamedTuple):
    """What one line of evidence keeps, and the format that reads it."""

    kind: str
    raw: bytes


def pieces_of(body: bytes) -> list[Piece]:
    """Cut a body by what it begins with; what nobody knows is one piece, and kept."""
    if body.startswith(b"Event: "):  # as the manager interface sends them
        kind, cut = asterisk_ami.KIND, body.replace(b"\r\n", b"\n").split(b"\n\n")
        pieces = [Piece(kind, block) for block in cut if block.strip()]
    elif (document := freeswitch_document.document_of(body)) is not None:
        pieces = [Piece(document, body)]
    elif (form := detect(body[:HEAD_BYTES])) is not None:
        kind, cut = form.KIND, body.removeprefix(BOM).split(b"\n")
        pieces = [Piece(kind, line.removesuffix(b"\r")) for line in cut if line.strip()]
    else:
        return [Piece(unreadable.KIND, body)]
    return pieces if len(pieces) <= MOST_PIECES else [Piece(unreadable.KIND, body)]
