"""Asterisk's ``cdr_csv`` files: ``Master.csv`` and its copies by account. 16 to 21 columns.

The width depends on three settings, which an operator may change in mid-file: ``loguniqueid`` and
``loguserfield`` add a column each, ``newcdrcolumns`` adds three.
"""

from __future__ import annotations

from portal.calls.sources.asterisk_cdr import STAMP, empty, judged, malformed, split
from portal.calls.sources.records import Parsed, is_call_id, text_of

KIND = "asterisk_cdr_csv"
LABEL = "Asterisk Master.csv"
TELLS_OF_OPERATORS = False

_COLUMNS = (
    *("account", "source", "destination", "context", "caller_id", "channel", "peer_channel"),
    *("application", "application_data", "start", "answer", "end", "duration", "billed"),
    *("disposition", "ama_flags"),
)


def recognises(lines: list[bytes]) -> bool:
    """Tell by a line of the right width that has its times and seconds in the right columns."""
    for line in lines:
        fields = split(text_of(line))
        if fields and 16 <= len(fields) <= 21 and STAMP.match(fields[9]):
            return fields[12].isdigit() and fields[13].isdigit()
    return False


def parse(raw: bytes) -> Parsed:
    """Judge and read one line, without its line feed."""
    if nothing := empty(raw):
        return nothing
    fields = split(text_of(raw.removesuffix(b"\r")))
    if fields is None:
        return malformed("quotes do not match")
    if not 16 <= len(fields) <= 21:
        return malformed(f"{len(fields)} columns, not 16 to 21")
    return judged(dict(zip(_COLUMNS, fields, strict=False)) | _additional(fields[16:]))


def _additional(fields: list[str]) -> dict[str, str]:
    """Name the columns after the 16th: unique id, user field, linked id, sequence."""
    named = {}
    if len(fields) >= 3:
        *fields, _peer_account, named["linked_id"], named["sequence"] = fields
    names = ["unique_id", "user_field"]
    if len(fields) == 1 and not is_call_id(fields[0]):
        names = ["user_field"]
    return named | dict(zip(names, fields, strict=False))
