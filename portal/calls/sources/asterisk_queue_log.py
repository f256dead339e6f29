"""Asterisk's ``queue_log``: ``epoch|callid|queue|agent|VERB|data1|data2…``, one event a line."""

from __future__ import annotations

import re

from portal.calls.sources.records import (
    OF_OPERATORS,
    TOO_LONG,
    Parsed,
    QueueEvent,
    Verdict,
    is_possible,
    is_too_long,
    text_of,
)

KIND = "asterisk_queue_log"
LABEL = "Asterisk queue_log"
TELLS_OF_OPERATORS = True

_EVENT = re.compile(rb"\d{10}\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[A-Z]")
_EPOCH = re.compile(r"\d{10}\Z")
IN_A_CALL = {
    *("ENTERQUEUE", "CONNECT", "COMPLETECALLER", "COMPLETEAGENT", "ABANDON", "EXITWITHTIMEOUT"),
    *("EXITEMPTY", "EXITWITHKEY", "WITHDRAW", "RINGNOANSWER", "RINGCANCELED", "BLINDTRANSFER"),
    *("ATTENDEDTRANSFER", "TRANSFER", "AGENTDUMP", "SYSCOMPAT"),
}
# What a dialplan writes by QueueLog(queue,uniqueid,agent,event,data), data first:
# SCENARIO|scenario|step begins a step, SCENARIOEND|scenario|HANGUP (or nothing) ends the last one;
# TAG|tag tags the call.
BY_DIALPLAN = {"SCENARIO", "SCENARIOEND", "TAG"}
TRANSFERS = {"BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"}
# The fields in which other events tell seconds.
_SECONDS = {
    "CONNECT": (0, 2),
    **dict.fromkeys(("COMPLETECALLER", "COMPLETEAGENT"), (0, 1)),
    "EXITWITHKEY": (3,),
    **dict.fromkeys(("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "WITHDRAW"), (2,)),
}
# Older versions write fewer fields with a verb, newer ones more: no number of them is an error.
VERBS = (
    IN_A_CALL | OF_OPERATORS | BY_DIALPLAN | {"PENALTY", "RINGINUSE", "QUEUESTART", "CONFIGRELOAD"}
)


def recognises(lines: list[bytes]) -> bool:
    """Tell whether one of the first lines of a file is an event of a queue log."""
    return any(_EVENT.match(line) for line in lines)


def parse(raw: bytes) -> Parsed:
    """Judge and read one line, without its line feed."""
    if not raw.strip(b"\0 \t\r"):
        return _malformed("only NUL bytes") if b"\0" in raw else Parsed(Verdict.BLANK)
    fields = text_of(raw.removesuffix(b"\r")).split("|")
    if len(fields) < 5:
        return _malformed("fewer than 5 fields")
    if not (_EPOCH.match(fields[0]) and is_possible(int(fields[0]))):
        return _malformed("no time at the start")
    at, call_id, queue, agent, verb, *data = fields
    event = QueueEvent(int(at), call_id, queue, agent, verb, tuple(data))
    return judged(event)


def judged(event: QueueEvent, line: bytes | None = None) -> Parsed:
    """Judge an event; ``line``: what a file says of it, where it comes from elsewhere."""
    if not event.verb:
        return _malformed("no event name")
    if event.verb not in VERBS:
        return Parsed(Verdict.UNKNOWN, "unknown event", event, content=line)
    if event.verb in IN_A_CALL and not (event.thread and event.queue):
        return _malformed("no call id or queue")
    if any(is_too_long(text) for text in seconds_of(event)):
        return _malformed(TOO_LONG)
    if event.verb in BY_DIALPLAN and not (event.thread and event.data and event.data[0].strip()):
        return _malformed("no call id or name")
    return Parsed(Verdict.OK, record=event, content=line)


def seconds_of(event: QueueEvent) -> list[str]:
    """Return the fields that tell seconds, as they came: of an end the wait, then the talk."""
    data = event.data
    if event.verb in TRANSFERS:
        # From the end: LINK has a field more than BRIDGE; old versions lack the position, and the
        # oldest tell only to where.
        return list(data[-3:-1] if len(data) >= 5 else data[2:4])
    return [data[place] for place in _SECONDS.get(event.verb, ()) if place < len(data)]


def _malformed(reason: str) -> Parsed:
    return Parsed(Verdict.MALFORMED, reason)
