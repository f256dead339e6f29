"""Asterisk's ``cdr_custom`` files: the columns of its sample, or those that begin with the start.

They are called ``Master.csv`` too; what tells them all apart is where the first time stands.
Seconds may have microseconds here.
"""

from __future__ import annotations

import re

from portal.calls.sources.asterisk_cdr import STAMP, empty, judged, malformed, split, whole
from portal.calls.sources.records import Parsed, text_of

KIND = "asterisk_cdr_custom"
LABEL = "Asterisk cdr-custom"
TELLS_OF_OPERATORS = False

_PARTIES = ("caller_id", "source", "destination", "context", "channel", "peer_channel")
_CALLED = (*_PARTIES, "application", "application_data")
_ENDED = ("answer", "end", "duration", "billed", "disposition", "ama_flags", "account", "unique_id")
# By where the start stands; columns at the end may be missing.
_LAYOUTS = {
    8: (*_CALLED, "start", *_ENDED, "user_field", "sequence"),
    0: ("start", *_CALLED, *_ENDED, "linked_id", "sequence", "user_field", "did"),
}
_LEAST = 17
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?\Z")


def recognises(lines: list[bytes]) -> bool:
    """Tell by a line that has its times and seconds in the right columns."""
    return any(_named(split(text_of(line)) or []) is not None for line in lines)


def parse(raw: bytes) -> Parsed:
    """Judge and read one line, without its line feed."""
    if nothing := empty(raw):
        return nothing
    fields = split(text_of(raw.removesuffix(b"\r")))
    if fields is None:
        return malformed("quotes do not match")
    named = _named(fields)
    if named is None:
        return malformed("the columns are in no known order")
    return judged(named | {name: whole(named[name]) for name in ("duration", "billed")})


def _named(fields: list[str]) -> dict[str, str] | None:
    """Name the columns; None where they are in no order that is known."""
    if len(fields) < _LEAST or not (_NUMBER.match(fields[11]) and _NUMBER.match(fields[12])):
        return None
    for place, names in _LAYOUTS.items():
        if STAMP.match(fields[place]) and len(fields) <= len(names):
            return dict(zip(names, fields, strict=False))
    return None
