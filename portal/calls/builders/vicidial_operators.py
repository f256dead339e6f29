"""What operators of a VICIdial did between calls, as the events that a queue log would have.

A row of ``vicidial_agent_log`` is one turn: a pause, a wait, a call, and what is left to do after
it. Its times are filled in as it goes on, the wait begins with the pause until somebody is ready.
It is over when the next row begins, or when ``vicidial_user_log`` says that they signed out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import inf

from portal.calls.sources.records import QueueEvent, Told
from portal.calls.sources.vicidial_row import number_of

_OUT = "vicidial_user_log"
_AFTER_CALL = "DISPO"
_LONGEST_S = 12 * 3600  # a turn; what would be later is damage


def events(told: Sequence[Told]) -> list[QueueEvent]:
    """Return what they did in order of time; what was told last of a row holds."""
    rows = {one.facts["row"]: one for one in told}.values()
    by_operator: dict[str, list[Told]] = defaultdict(list)
    for row in sorted(rows, key=_place):
        by_operator[row.operator or ""].append(row)
    found = (event for own in by_operator.values() for event in _of_one(own))
    return sorted(found, key=lambda event: event.at)


def _place(row: Told) -> tuple[int, bool, int, str]:
    """Return what tells which row was first: within a second, the lower of its numbers."""
    name = row.facts["row"]
    return row.at, row.facts["table"] == _OUT, len(name), name


def _of_one(rows: Sequence[Told]) -> Iterator[QueueEvent]:
    begins = [*(row.at for row in rows[1:]), inf]
    for row, following in zip(rows, begins, strict=True):
        until = min(following, row.at + _LONGEST_S)
        told = _signed_out(row) if row.facts["table"] == _OUT else _turn(row)
        yield from (event for event in told if event.at < until)


def _signed_out(row: Told) -> Iterator[QueueEvent]:
    yield _event(row, row.at, "AGENTLOGOFF")


def _turn(row: Told) -> Iterator[QueueEvent]:
    fields = row.facts
    reason = fields.get("sub_status", "")
    called = number_of(fields, "talk_epoch")
    paused = row.at + (number_of(fields, "pause_sec") or 0)
    ready = max(paused, number_of(fields, "wait_epoch") or 0)
    ready = min(ready, called) if called else ready
    over = ready > row.at or called or number_of(fields, "wait_sec")
    if reason == "LOGIN":
        yield _event(row, row.at, "ADDMEMBER", "PAUSED")
    if ready > row.at or not over:
        yield _event(row, row.at, "PAUSE", reason)
    if over:
        yield _event(row, ready, "UNPAUSE")
    if called and number_of(fields, "dispo_epoch"):  # what of it is talk, its call tells
        yield _event(row, called, "PAUSE", _AFTER_CALL)


def _event(row: Told, at: int, verb: str, *data: str) -> QueueEvent:
    campaign = row.facts.get("campaign_id") or "NONE"
    return QueueEvent(at, "NONE", campaign, row.operator or "", verb, data, kind="account")
