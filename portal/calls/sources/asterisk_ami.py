"""Events of Asterisk's manager interface: recorded as one JSON object each, or as they were sent.

``Cdr`` events are the rows that its files would have; of what its other events say nothing is made.
"""

from __future__ import annotations

from portal.calls.sources.asterisk_cdr import empty, judged_by_name, malformed
from portal.calls.sources.records import Parsed, Verdict, text_of
from portal.calls.sources.rows import fields_of

KIND = "asterisk_ami"
LABEL = "Asterisk AMI events"
TELLS_OF_OPERATORS = False


def recognises(lines: list[bytes]) -> bool:
    """Tell by an event that was recorded as JSON."""
    return any("event" in f and "privilege" in f for line in lines if (f := fields_of(line)))


def parse(raw: bytes) -> Parsed:
    """Judge and read one event: a JSON object, or all its lines ``Key: value``."""
    if nothing := empty(raw.replace(b"\n", b"")):
        return nothing
    fields = fields_of(raw)
    if fields is None:
        fields = _sent(text_of(raw))
    event = fields.get("event", "").lower()
    if not event:
        return malformed("no event")
    if event != "cdr":
        return Parsed(Verdict.UNKNOWN, "another event")
    return judged_by_name(fields)


def _sent(text: str) -> dict[str, str]:
    pairs = (line.partition(": ") for line in text.replace("\r", "").split("\n"))
    return {name.strip().lower(): value for name, colon, value in pairs if colon}
