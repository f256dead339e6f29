"""Rows of FusionPBX's table ``v_xml_cdr``: a JSON object a line, its names those of the columns.

A row is one leg. Where it has the leg's document in its column ``json`` (newer versions keep that
in ``v_xml_cdr_json``), this is read; the columns alone do not tell lines, nor earlier queues.
"""

from __future__ import annotations

import re
from typing import Any

from portal.calls.sources.freeswitch.bodies import MAX_BYTES, UnreadableError, json_of
from portal.calls.sources.freeswitch.legs import leg_of, parsed
from portal.calls.sources.records import Parsed, Verdict

KIND = "fusionpbx_rows"
LABEL = "FusionPBX v_xml_cdr"
TELLS_OF_OPERATORS = False

_ROW = re.compile(rb'\s*\{.*"xml_cdr_uuid"\s*:', re.DOTALL)


def recognises(lines: list[bytes]) -> bool:
    """Tell whether the first line of a file is a row."""
    first = next((line for line in lines if line.strip()), b"")
    return bool(_ROW.match(first))


def parse(raw: bytes) -> Parsed:
    """Judge and read one row."""
    if not raw.strip():
        return Parsed(Verdict.BLANK)
    if len(raw) > MAX_BYTES:
        return Parsed(Verdict.MALFORMED, "longer than any document")
    row = _object(raw)
    if row is None:
        return Parsed(Verdict.MALFORMED, "damaged JSON")
    document = _document(row)
    try:
        leg = leg_of(document or _of_columns(row), whole=document is not None)
    except UnreadableError as error:
        return Parsed(Verdict.MALFORMED, str(error))
    return parsed(leg, KIND)


def _object(text: Any) -> dict[str, Any] | None:
    try:
        found = json_of(text) if isinstance(text, bytes) else text
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _document(row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the leg's document, where the row has it; who called whom is FusionPBX's own word."""
    text = row.get("json")
    document = _object(text.encode("utf-8", "replace") if isinstance(text, str) else text)
    variables = document.get("variables") if document else None
    if not document or not isinstance(variables, dict) or not variables.get("uuid"):
        return None
    return {**document, "variables": {"call_direction": row.get("direction"), **variables}}


def _of_columns(row: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the columns, most of which are called like the leg's variables."""
    dialled_by_exchange = (
        row.get("leg") == "b"
        or row.get("cc_side") == "agent"
        or bool(row.get("originating_leg_uuid"))
    )
    variables = {
        **row,
        "uuid": row.get("xml_cdr_uuid"),
        "call_direction": row.get("direction"),
        "direction": "outbound" if dialled_by_exchange else "inbound",
        "destination_number": row.get("caller_destination") or row.get("destination_number"),
    }
    to_the_house = row.get("direction") in ("inbound", "local")
    if dialled_by_exchange and to_the_house:
        variables["dialed_user"] = row.get("destination_number")
    elif not dialled_by_exchange and row.get("direction") in ("outbound", "local"):
        variables["user_name"] = row.get("source_number") or row.get("caller_id_number")
    return {"variables": variables}
