"""What an Asterisk's call detail records say, whatever they are kept in: files, tables, events.

A format hands over the fields of a row by name; their reading, and what makes two of them the same
row, is here, so that a call which two formats tell of is one call.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from portal import digits
from portal.calls.sources.records import (
    LONGEST_S,
    TOO_LONG,
    CdrRow,
    Parsed,
    Verdict,
    is_possible,
)

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\Z")
_VALUE = r'(?:"(?:[^"]|"")*"|[^",]*)'
_FIELD = re.compile(rf"(?:^|,)({_VALUE})")
_FRACTION = re.compile(r"\.\d+\Z")
# The names of columns of tables and of fields of events; those of CdrRow stand for themselves.
_NAMES = {
    "accountcode": "account",
    "src": "source",
    "dst": "destination",
    **dict.fromkeys(("dcontext", "destinationcontext"), "context"),
    **dict.fromkeys(("clid", "callerid"), "caller_id"),
    **dict.fromkeys(("dstchannel", "destinationchannel"), "peer_channel"),
    **dict.fromkeys(("lastapp", "lastapplication"), "application"),
    "lastdata": "application_data",
    **dict.fromkeys(("calldate", "starttime"), "start"),
    "answertime": "answer",
    "endtime": "end",
    **dict.fromkeys(("billsec", "billableseconds"), "billed"),
    "uniqueid": "unique_id",
    "userfield": "user_field",
    "linkedid": "linked_id",
}


def judged_by_name(fields: Mapping[str, str]) -> Parsed:
    """Judge the fields of a row by the names that tables and events give them, in lower case.

    Seconds may have a fraction there; what is absent or empty because it was not asked for is told
    by the rest.
    """
    row = {_NAMES.get(name, name): value for name, value in fields.items()}
    for name in ("duration", "billed"):
        row[name] = whole(row.get(name, ""))
    return judged(row)


def judged(fields: Mapping[str, str]) -> Parsed:
    """Judge the fields of a row, which have the names that they have in CdrRow."""
    try:
        row = _row(fields)
    except ValueError as error:
        return malformed(str(error))
    if row.unique_id is None or row.sequence is None:
        return Parsed(Verdict.OK, record=row, content=_content(row))
    # Known again by it whatever tells of the row; the name is that of the format that came first.
    key = f"asterisk_cdr_csv\0{row.unique_id}\0{row.sequence}"
    return Parsed(Verdict.OK, record=row, key=key.encode())


def _row(fields: Mapping[str, str]) -> CdrRow:
    start = _stamp(fields.get("start", ""), "start")
    if start is None:
        raise ValueError("no start time")
    duration = _number(fields["duration"], "duration")
    billed = _number(fields["billed"], "billed time")
    if max(duration, billed) > LONGEST_S:
        raise ValueError(TOO_LONG)
    disposition = fields.get("disposition", "").strip().upper()
    sequence = fields.get("sequence")
    end = _stamp(fields.get("end", ""), "end")
    answer = _stamp(fields.get("answer", ""), "answer")
    if "end" not in fields:
        end = start + dt.timedelta(seconds=duration)
        if "answer" not in fields and (billed or disposition == "ANSWERED"):
            answer = end - dt.timedelta(seconds=billed)
    return CdrRow(
        account=fields.get("account", ""),
        source=fields.get("source", ""),
        destination=fields.get("destination", ""),
        context=fields.get("context", ""),
        caller_id=fields.get("caller_id", ""),
        channel=fields.get("channel", ""),
        peer_channel=fields.get("peer_channel", ""),
        application=fields.get("application", ""),
        application_data=fields.get("application_data", ""),
        start=start,
        answer=answer,
        end=end,
        duration=duration,
        billed=billed,
        disposition=disposition,
        unique_id=fields.get("unique_id") or None,
        user_field=fields.get("user_field", ""),
        linked_id=fields.get("linked_id") or None,
        sequence=_number(sequence, "sequence") if sequence else None,
        did=fields.get("did", ""),
    )


def _content(row: CdrRow) -> bytes:
    """Return what a row without a key has in common with the same row elsewhere."""
    told = (
        *(row.unique_id, row.channel, row.peer_channel, row.source, row.destination, row.start),
        *(row.duration, row.billed, row.application, row.application_data, row.disposition),
    )
    return repr(("asterisk_cdr", *map(str, told))).encode()


def split(text: str) -> list[str] | None:
    """Split a line of CSV; None where quotes do not match, or not at the start: a line cut off."""
    fields = _FIELD.findall(text)
    if not text.startswith('"') or ",".join(fields) != text:
        return None
    return [field[1:-1].replace('""', '"') if field.startswith('"') else field for field in fields]


def whole(text: str) -> str:
    """Leave out the fraction of seconds, as Asterisk does."""
    return _FRACTION.sub("", text)


def malformed(reason: str) -> Parsed:
    return Parsed(Verdict.MALFORMED, reason)


def empty(raw: bytes) -> Parsed | None:
    """Judge a line that says nothing; None for one that may."""
    if raw.strip(b"\0 \t\r"):
        return None
    return malformed("only NUL bytes") if b"\0" in raw else Parsed(Verdict.BLANK)


def _stamp(text: str, what: str) -> dt.datetime | None:
    """Read a local time of the box; one with its zone is UTC then, which ids set right."""
    if not text or text.startswith("0000-"):
        return None
    try:
        time = dt.datetime.fromisoformat(text) if _TIME.match(text) else None
        if time is not None and time.tzinfo is not None:
            time = time.astimezone(dt.UTC).replace(tzinfo=None)
        if time is not None and is_possible(int(time.replace(tzinfo=dt.UTC).timestamp())):
            return time.replace(microsecond=0)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"the {what} time cannot be read")


def _number(text: str, what: str) -> int:
    number = digits.whole(text, 9)
    if number is None:
        raise ValueError(f"the {what} is not a number")
    return number
