"""FreeSWITCH's documents of ``mod_json_cdr`` and ``mod_xml_cdr``: one document a leg."""

from __future__ import annotations

from portal.calls.sources.freeswitch.bodies import (
    UnreadableError,
    document_in,
    looks_like_document,
)
from portal.calls.sources.freeswitch.legs import leg_of, parsed
from portal.calls.sources.records import Parsed, Verdict

KIND = "freeswitch_document"
LABEL = "FreeSWITCH JSON or XML CDR"
TELLS_OF_OPERATORS = False


def recognises(lines: list[bytes]) -> bool:
    """Tell whether a file has a document in a line: JSON comes as one."""
    return any(looks_like_document(line) and _is_whole(line) for line in lines)


def document_of(body: bytes) -> str | None:
    """Tell the kind of a whole body; None for what is no document, and for lines of documents."""
    if not looks_like_document(body) or b'"xml_cdr_uuid"' in body:  # a row of FusionPBX has one
        return None
    first, _, rest = body.strip().partition(b"\n")
    return None if rest and _is_whole(first) else KIND


def parse(raw: bytes) -> Parsed:
    """Judge and read one document, in whichever encoding it came."""
    if not raw.strip():
        return Parsed(Verdict.BLANK)
    try:
        leg = leg_of(document_in(raw))
    except UnreadableError as error:
        return Parsed(Verdict.MALFORMED, str(error))
    return parsed(leg, KIND)


def _is_whole(body: bytes) -> bool:
    try:
        return bool(document_in(body))
    except UnreadableError:
        return False
