"""Asterisk's ``cdr_csv`` files: ``Master.csv`` and its copies by account. 16 to 21 columns.

The width depends on three settings, which an operator may change in mid-file: ``loguniqueid`` and
``loguserfield`` add a column each, ``newcdrcolumns`` adds three.
"""

from __future__ import annotations

import datetime as dt
import re

from portal.calls.sources.records import CdrRow, Parsed, Verdict, is_call_id, is_possible, text_of

KIND = "asterisk_cdr_csv"
LABEL = "Asterisk Master.csv"
TELLS_OF_OPERATORS = False

_VALUE = r'(?:"(?:[^"]|"")*"|[^",]*)'
_FIELD = re.compile(rf"(?:^|,)({_VALUE})")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")


def recognises(lines: list[bytes]) -> bool:
    """Tell by a line of the right width that has its first time in the tenth column."""
    for line in lines:
        fields = _split(text_of(line))
        if fields and 16 <= len(fields) <= 21 and _STAMP.match(fields[9]):
            return not _STAMP.match(fields[8])
    return False


def parse(raw: bytes) -> Parsed:
    """Judge and read one line, without its line feed."""
    if not raw.strip(b"\0 \t\r"):
        return _malformed("only NUL bytes") if b"\0" in raw else Parsed(Verdict.BLANK)
    fields = _split(text_of(raw.removesuffix(b"\r")))
    if fields is None:
        return _malformed("quotes do not match")
    if not 16 <= len(fields) <= 21:
        return _malformed(f"{len(fields)} columns, not 16 to 21")
    try:
        row = _row(fields)
    except ValueError as error:
        return _malformed(str(error))
    return Parsed(Verdict.OK, record=row, key=_key(row))


def _row(fields: list[str]) -> CdrRow:
    start = _stamp(fields[9], "start")
    if start is None:
        raise ValueError("no start time")
    unique_id, user_field, linked_id, sequence = _additional(fields[16:])
    account, source, destination, context, caller_id, channel, peer, application, data = fields[:9]
    return CdrRow(
        account=account,
        source=source,
        destination=destination,
        context=context,
        caller_id=caller_id,
        channel=channel,
        peer_channel=peer,
        application=application,
        application_data=data,
        start=start,
        answer=_stamp(fields[10], "answer"),
        end=_stamp(fields[11], "end"),
        duration=_seconds(fields[12], "duration"),
        billed=_seconds(fields[13], "billed time"),
        disposition=fields[14].strip().upper(),
        unique_id=unique_id,
        user_field=user_field,
        linked_id=linked_id,
        sequence=sequence,
    )


def _additional(fields: list[str]) -> tuple[str | None, str, str | None, int | None]:
    """Read the columns after the 16th: unique id, user field, linked id, sequence."""
    linked_id, sequence = None, None
    if len(fields) >= 3:
        *fields, _peer_account, linked_id, number = fields
        sequence = _seconds(number, "sequence") if number else None
    if not fields:
        return None, "", linked_id or None, sequence
    if len(fields) == 1 and not is_call_id(fields[0]):
        return None, fields[0], linked_id or None, sequence
    return fields[0] or None, fields[1] if len(fields) > 1 else "", linked_id or None, sequence


def _key(row: CdrRow) -> bytes | None:
    """Return the row's own key, by which it is known again however the line is written."""
    if row.unique_id is None or row.sequence is None:
        return None
    return f"{KIND}\0{row.unique_id}\0{row.sequence}".encode()


def _split(text: str) -> list[str] | None:
    """Split a line of CSV; None where quotes do not match, or not at the start: a line cut off."""
    fields = _FIELD.findall(text)
    if not text.startswith('"') or ",".join(fields) != text:
        return None
    return [field[1:-1].replace('""', '"') if field.startswith('"') else field for field in fields]


def _stamp(text: str, what: str) -> dt.datetime | None:
    if not text:
        return None
    if not _STAMP.match(text):
        raise ValueError(f"the {what} time cannot be read")
    try:
        time = dt.datetime.fromisoformat(text)  # local time of the box, without its zone
    except ValueError:
        raise ValueError(f"the {what} time cannot be read") from None
    if not is_possible(int(time.replace(tzinfo=dt.UTC).timestamp())):
        raise ValueError(f"the {what} time cannot be read")
    return time


def _seconds(text: str, what: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError(f"the {what} is not a number")
    return int(text)


def _malformed(reason: str) -> Parsed:
    return Parsed(Verdict.MALFORMED, reason)
