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


class Piece(NamedTuple):
    """What one line of evidence keeps, and the format that reads it."""

    kind: str
    raw: bytes


def pieces_of(body: bytes) -> list[Piece]:
    """Cut a body by what it begins with; what nobody knows is one piece, and kept."""
    if body.startswith(b"Event: "):  # as the manager interface sends them
        blocks = body.replace(b"\r\n", b"\n").split(b"\n\n")
        return [Piece(asterisk_ami.KIND, block) for block in blocks if block.strip()]
    kind = freeswitch_document.document_of(body)
    if kind is not None:
        return [Piece(kind, body)]
    form = detect(body[:HEAD_BYTES])
    if form is None:
        return [Piece(unreadable.KIND, body)]
    lines = body.removeprefix(BOM).split(b"\n")
    return [Piece(form.KIND, line.removesuffix(b"\r")) for line in lines if line.strip()]
