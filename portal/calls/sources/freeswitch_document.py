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
    """Tell whether the first line of a file is a document: JSON comes as one line."""
    first = next((line for line in lines if line.strip()), b"")
    return document_of(first) is not None


def document_of(body: bytes) -> str | None:
    """Tell the kind of a whole body; None for what is no document of this format."""
    of_a_row = b'"xml_cdr_uuid"' in body  # FusionPBX's rows have the document in a column
    return KIND if looks_like_document(body) and not of_a_row else None


def parse(raw: bytes) -> Parsed:
    """Judge and read one document, in whichever encoding it came."""
    if not raw.strip():
        return Parsed(Verdict.BLANK)
    try:
        leg = leg_of(document_in(raw))
    except UnreadableError as error:
        return Parsed(Verdict.MALFORMED, str(error))
    return parsed(leg, KIND)
