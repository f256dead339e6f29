"""Rows of an Asterisk's table of call detail records, each as one JSON object; FreePBX's too.

Upstream's table has the times of answer and end, FreePBX's has not; columns go by their names.
"""

from __future__ import annotations

from portal.calls.sources.asterisk_cdr import empty, judged_by_name, malformed
from portal.calls.sources.records import Parsed
from portal.calls.sources.rows import fields_of

KIND = "asterisk_cdr_row"
LABEL = "Asterisk cdr table"
TELLS_OF_OPERATORS = False

COLUMNS = {"dcontext", "channel", "lastapp", "duration", "billsec", "disposition"}


def recognises(lines: list[bytes]) -> bool:
    """Tell by a row that has the columns which every such table has."""
    return any(fields.keys() >= COLUMNS for line in lines if (fields := fields_of(line)))


def parse(raw: bytes) -> Parsed:
    """Judge and read one row."""
    if nothing := empty(raw):
        return nothing
    fields = fields_of(raw)
    return malformed("no row of a table") if fields is None else judged_by_name(fields)
