"""Rows of an Asterisk's realtime table ``queue_log``, each as one JSON object.

``time`` is local text with microseconds, or the second of the epoch; ``zone`` is that of the
source, which the reader of the table adds. What would not fit into ``data5`` stands in it all the
same, as the file has it. An event that the file has too, in the same second, is the same event.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.calls.sources.asterisk_queue_log import judged
from portal.calls.sources.records import Parsed, QueueEvent, Verdict, epoch_of, is_possible
from portal.calls.sources.rows import fields_of, instant

KIND = "asterisk_queue_log_row"
LABEL = "Asterisk queue_log table"
TELLS_OF_OPERATORS = True

COLUMNS = {"time", "callid", "queuename", "event"}
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?\Z")
# The file shows so many fields, be the last of them empty.
_FIELDS = {"WITHDRAW": 4}


def recognises(lines: list[bytes]) -> bool:
    """Tell by a row that has the columns which every such table has."""
    return any(fields.keys() >= COLUMNS for line in lines if (fields := fields_of(line)))


def parse(raw: bytes) -> Parsed:
    """Judge and read one row."""
    if not raw.strip(b"\0 \t\r"):
        return (
            Parsed(Verdict.MALFORMED, "only NUL bytes") if b"\0" in raw else Parsed(Verdict.BLANK)
        )
    fields = fields_of(raw)
    if fields is None:
        return Parsed(Verdict.MALFORMED, "no row of a table")
    call_id, verb = fields.get("callid", ""), fields.get("event", "")
    at = _micros(fields.get("time", ""), fields.get("zone", ""), epoch_of(call_id))
    if at is None:
        return Parsed(Verdict.MALFORMED, "the time cannot be read")
    second, micros = divmod(at, 1_000_000)
    number = fields.get("id", "")
    event = QueueEvent(
        at=second,
        call_id=call_id,
        queue=fields.get("queuename", ""),
        agent=fields.get("agent", ""),
        verb=verb,
        data=_data(fields, verb),
        place=(second, micros, int(number) if re.fullmatch(r"[0-9]{1,18}", number) else 0),
    )
    return judged(event, _line(event))


def _data(fields: dict[str, str], verb: str) -> tuple[str, ...]:
    """Return the fields after the verb as the file has them."""
    several = [fields.get(f"data{number}", "") for number in range(1, 6)]
    text = "|".join(several) if any(several) else fields.get("data", "")
    data = text.split("|")
    while len(data) > _FIELDS.get(verb, 1) and not data[-1]:
        data.pop()
    return tuple(data)


def _line(event: QueueEvent) -> bytes:
    """Return the line of the file that says the same."""
    told = (str(event.at), event.call_id, event.queue, event.agent, event.verb, *event.data)
    return "|".join(told).encode("utf-8", "replace")


def _micros(text: str, zone: str, made: int) -> int | None:
    """Read a time of a channel that was ``made`` before it: UTC microseconds."""
    try:
        if _EPOCH.match(text):
            second, _, fraction = text.partition(".")
            at = int(second) * 1_000_000 + int(fraction[:6].ljust(6, "0"))
        else:
            time = instant(text, _zone(zone), made)
            at = int(time.replace(microsecond=0).timestamp()) * 1_000_000 + time.microsecond
    except (ValueError, OverflowError):
        return None
    return at if is_possible(at // 1_000_000) else None


@lru_cache(maxsize=1000)
def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name) if name else dt.UTC
    except (KeyError, ValueError, OSError):
        return dt.UTC
