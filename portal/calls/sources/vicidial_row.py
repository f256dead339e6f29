"""Rows of VICIdial's tables of calls, each as one JSON object with the table's name as ``table``.

Rows are changed after the call: what came last of a row holds, and its builder sees to that. What
the system says of a status (``human_answered`` …) the reader of the tables adds to each row.
"""

from __future__ import annotations

import datetime as dt

from portal.calls.sources.records import Parsed, Told, Verdict, is_possible
from portal.calls.sources.rows import fields_of, instant
from portal.digits import whole

KIND = "vicidial_row"
LABEL = "VICIdial tables"
TELLS_OF_OPERATORS = True
FAMILY = "vicidial"

# By table: the column that names a row, those that name its channel, that of the channel whose
# call it is part of.
_TABLES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "vicidial_log": ("uniqueid", ("uniqueid",), ""),
    "vicidial_closer_log": ("closecallid", ("uniqueid",), ""),
    "vicidial_agent_log": ("agent_log_id", ("uniqueid",), ""),
    "vicidial_did_log": ("uniqueid", ("uniqueid",), ""),
    "vicidial_carrier_log": ("uniqueid", ("uniqueid",), ""),
    "vicidial_xfer_log": ("xfercallid", ("close_uniqueid", "front_uniqueid"), "front_uniqueid"),
    "vicidial_user_log": ("user_log_id", (), ""),
}
_OF_NO_CALL = {"vicidial_statuses", "vicidial_campaign_statuses"}
# Where the second of a row stands if not in ``start_epoch``: in the tables of what operators did.
_EPOCHS = {"vicidial_agent_log": "pause_epoch", "vicidial_user_log": "event_epoch"}
_NONE = {"", "0", "NULL"}


def recognises(lines: list[bytes]) -> bool:
    """Tell by a row that names one of the tables."""
    known = _TABLES.keys() | _OF_NO_CALL
    return any(fields.get("table") in known for line in lines if (fields := fields_of(line)))


def parse(raw: bytes) -> Parsed:
    """Judge and read one row."""
    if not raw.strip(b"\0 \t\r"):
        return _malformed("only NUL bytes") if b"\0" in raw else Parsed(Verdict.BLANK)
    fields = fields_of(raw)
    if fields is None:
        return _malformed("no row of a table")
    table = fields.get("table", "")
    if table not in _TABLES:
        return Parsed(Verdict.UNKNOWN, "a table that tells of no call")
    own, channels, linking = _TABLES[table]
    name = fields.get(own, "")
    if name in _NONE:
        return _malformed(f"no {own}")
    at = _at(fields)
    if at is None:
        return _malformed("the time cannot be read")
    named = (fields.get(column, "") for column in channels)
    thread = next((one for one in named if one not in _NONE), f"{table}:{name}")
    linked = fields.get(linking, "")
    told = Told(
        family=FAMILY,
        thread=thread[:150],
        linked_thread=None if linked in _NONE else linked[:150],
        at=at,
        facts=fields | {"row": f"{table}|{name}"},
        operator=_operator(fields, at),
    )
    content = repr(sorted(fields.items())).encode()
    return Parsed(Verdict.OK, record=told, content=content)


def _at(fields: dict[str, str]) -> int | None:
    """Return when a row began: by the epoch that its table has, else by its local time."""
    second = number_of(fields, _EPOCHS.get(fields["table"], "start_epoch"))
    if second is not None and is_possible(second):
        return second
    try:
        text = fields.get("call_date") or fields.get("event_time", "")
        second = int(instant(text, dt.UTC, 0).timestamp())
    except (ValueError, OverflowError):
        return None
    return second if is_possible(second) else None


def _operator(fields: dict[str, str], at: int) -> str | None:
    """Return who did something between calls, and when: a turn of their work, or signing out."""
    signed_in = fields.get("event") == "LOGIN"  # as a turn tells
    if signed_in or at != number_of(fields, _EPOCHS.get(fields["table"], "")):
        return None
    return fields.get("user", "")[:128] or None


def number_of(fields: dict[str, str], name: str) -> int | None:
    """Return a number without its fraction; None where there is none."""
    return whole(fields.get(name, "").partition(".")[0], 10)


def _malformed(reason: str) -> Parsed:
    return Parsed(Verdict.MALFORMED, reason[:100])
