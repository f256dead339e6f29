"""The calls of an Asterisk.

The queue log tells about queues; call detail records tell the rest: who called whom, direct calls,
what came after a transfer, who was rung.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from portal.calls.builders.asterisk.dialled_visits import dialled_visits, offer_result
from portal.calls.builders.asterisk.grouping import Lines, group
from portal.calls.builders.asterisk.legs import (
    Leg,
    dials_out,
    direction_of,
    legs_of,
    span_of,
    to_queue_from,
)
from portal.calls.builders.asterisk.queue_offers import TOLERANCE_S, add_offers
from portal.calls.builders.asterisk.queue_visits import QueueLog, QueueVisit
from portal.calls.builders.asterisk.scenario_steps import add_tags
from portal.calls.built import BuiltCall, BuiltOffer, BuiltVisit, talk_in, wait_in
from portal.calls.sources.records import QueueEvent, Record, epoch_of

_NOT_DIALLED = {"", "s", "h", "i", "t", "_attended"}
_CALLER_ID = re.compile(r'"(?P<name>.*)" *<(?P<number>[^<>]*)>\Z', re.DOTALL)


def build(records: Sequence[Record], zone: ZoneInfo) -> list[BuiltCall]:
    """Build the calls of ``records``. ``zone`` is for rows without an id to tell the time by."""
    by_call: dict[str, list[QueueVisit]] = defaultdict(list)
    for visit in QueueLog().read(r for r in records if isinstance(r, QueueEvent)):
        by_call[visit.call_id[:150]].append(visit)
    calls = []
    for lines in group(records, zone):
        visits = [visit for thread in lines.threads for visit in by_call.get(thread, ())]
        visits.sort(key=lambda visit: visit.order)
        if visits or lines.rows:
            calls.append(_call(lines, visits, zone))
    return calls


def _call(lines: Lines, queue_visits: list[QueueVisit], zone: ZoneInfo) -> BuiltCall:
    legs = legs_of(lines.rows, zone)
    primary = _primary(lines)
    own = [leg for leg in legs if primary in (leg.row.thread, leg.row.linked_thread)]
    first = _first(own or legs)
    direction = "in"
    if first:
        direction = to_queue_from(first) if queue_visits else direction_of(first, own or legs)
    rest = _fill_queue_visits(legs, queue_visits)
    visits = [visit.built for visit in queue_visits]
    visits += _visits_of_queue_rows(rest, queue_visits)
    seen = {id(leg) for leg in rest}
    others = [leg for leg in legs if id(leg) in seen and _not_of_queue(leg, queue_visits, visits)]
    visits += dialled_visits(others, queue_visits, primary=primary, direction=direction)
    if not visits and legs:
        visits.append(_unreached(own or legs))
    for visit in visits:
        visit.put_in_order()
    visits.sort(key=lambda visit: visit.started)
    add_tags(visits, lines.events)
    return _summed(lines, primary, first, own, direction, queue_visits, visits)


def _primary(lines: Lines) -> str:
    """Return the channel that was made first: the caller's."""

    def age(thread: str) -> tuple[int, int, str]:
        counter = thread.rpartition(".")[2]
        return epoch_of(thread), int(counter) if counter.isdigit() else 0, thread

    threads = [thread for thread in lines.threads if epoch_of(thread)]
    return min(threads, key=age) if threads else min(lines.threads)


def _first(legs: Sequence[Leg]) -> Leg | None:
    """Return the leg that was over first: a later one may name where the call went in the end."""
    return min(legs, key=lambda leg: (leg.end, leg.start, leg.row.sequence or 0), default=None)


# --- queue visits and the rows of the same queue


def _fill_queue_visits(legs: list[Leg], visits: list[QueueVisit]) -> list[Leg]:
    """Add to each visit the phones that its rows name; return the rows that are of no visit."""
    rest = []
    of_visit: dict[int, list[Leg]] = defaultdict(list)
    for leg in legs:
        visit = _visit_of(leg, visits)
        if visit is None or _after_transfer(leg, visit, visits):
            rest.append(leg)
        else:
            of_visit[visit.order].append(leg)
    for visit in visits:
        add_offers(visit, [leg for leg in of_visit[visit.order] if leg.peer])
    return rest


def _visit_of(leg: Leg, visits: list[QueueVisit]) -> QueueVisit | None:
    """Return the visit that a row of a queue is part of: the last one that had begun."""
    if leg.row.application != "Queue":
        return None
    same = [v for v in visits if v.call_id in (leg.row.unique_id, leg.row.linked_id)]
    same = [v for v in same if v.built.queue == leg.queue] or same
    begun = [v for v in same if v.built.started <= leg.start + TOLERANCE_S]
    return begun[-1] if begun else next(iter(same), None)


def _after_transfer(leg: Leg, visit: QueueVisit, visits: list[QueueVisit]) -> bool:
    """Tell whether the row is of the person whom an operator gave the caller of this visit to."""
    return (
        visit.ending == "ATTENDEDTRANSFER"
        and visit.ended_at is not None
        and leg.answered
        and leg.start >= visit.ended_at - 1
        and leg.end > visit.ended_at
    )


# --- without a queue log


def _visits_of_queue_rows(rest: list[Leg], visits: list[QueueVisit]) -> list[BuiltVisit]:
    """Build visits from rows alone, for calls of which no queue log was read."""
    known = {visit.call_id for visit in visits}
    groups: list[list[Leg]] = []
    for leg in rest:
        if leg.row.application != "Queue" or leg.row.thread in known:
            continue
        before = groups[-1][-1] if groups else None
        if before and (before.queue, before.row.thread) == (leg.queue, leg.row.thread):
            groups[-1].append(leg)
        else:
            groups.append([leg])
    return [_visit_of_rows(legs, rest) for legs in groups]


def _visit_of_rows(legs: list[Leg], all_legs: list[Leg]) -> BuiltVisit:
    start, end = legs[0].start, max(leg.end for leg in legs)
    visit = BuiltVisit(
        key=f"queue-rows|{legs[0].key}", kind="queue", queue=legs[0].queue, started=start
    )
    visit.ended = end
    winner = max(
        (leg for leg in legs if leg.answered), key=lambda leg: leg.row.billed, default=None
    )
    visit.offers = [
        BuiltOffer(leg.end, leg.peer_endpoint, offer_result(leg), (leg.end - leg.start) * 1000)
        for leg in legs
        if leg.peer
    ]
    if winner:
        visit.result, visit.agent = "answered", winner.peer_endpoint
        # Where the line had been picked up before the queue, the row does not tell ringing from
        # talking: what can be told is the wait before this phone rang.
        visit.wait, visit.talk = winner.start - start + winner.ring, winner.row.billed
        visit.answered = start + visit.wait
    else:
        gone_on = any(leg.start >= end - 1 and leg not in legs for leg in all_legs)
        visit.result = "timed_out" if gone_on else "abandoned"
        visit.wait = end - start
    return visit


def _not_of_queue(leg: Leg, queue_visits: list[QueueVisit], visits: list[BuiltVisit]) -> bool:
    if leg.row.application != "Queue":
        return True
    return any(_visit_of(leg, [visit]) for visit in queue_visits) and leg.answered


def _unreached(legs: list[Leg]) -> BuiltVisit:
    """Build the only visit of a call that reached nobody: it ended in a menu, or was refused."""
    last = max(legs, key=lambda leg: (leg.end, leg.row.sequence or 0))
    start, end = legs[0].start, last.end
    visit = BuiltVisit(key=f"dialled|{legs[0].key}", kind="direct", started=start, ended=end)
    visit.wait = end - start
    if last.row.application in ("Hangup", "Congestion", "Busy"):
        visit.result, visit.ended_by = "refused", "exchange"
    elif last.row.disposition in ("BUSY", "FAILED", "CONGESTION"):
        visit.result = "busy" if last.row.disposition == "BUSY" else "failed"
    else:
        visit.result, visit.ended_by = "left_menu", "caller"
    return visit


# --- the call as a whole


def _summed(
    lines: Lines,
    primary: str,
    first: Leg | None,
    own: list[Leg],
    direction: str,
    queue_visits: list[QueueVisit],
    visits: list[BuiltVisit],
) -> BuiltCall:
    caller = next((v for v in queue_visits if v.call_id == primary), None)
    caller = caller or (queue_visits[0] if queue_visits else None)
    number, name, did, trunk = _parties(first, own, direction, caller, visits)
    span = span_of(own)
    starts = [visit.started for visit in visits] + ([span.start] if span else [])
    ends = [visit.ended for visit in visits]
    answered = next((visit for visit in visits if visit.result == "answered"), None)
    last = visits[-1]
    started = epoch_of(primary) or min(starts)
    return BuiltCall(
        key=primary,
        threads=frozenset(lines.threads),
        started=min(started, *starts),
        ended=None if None in ends else max([e for e in ends if e is not None]),
        direction=direction,
        number=number[:128],
        caller_name=name[:255],
        did=did,
        trunk=trunk,
        account=next((leg.row.account for leg in own if leg.row.account), "")[:100],
        context=first.row.context if first else "",
        user_field=next((leg.row.user_field for leg in own if leg.row.user_field), "")[:255],
        result="answered" if answered else last.result,
        wait=wait_in(visits, span.end - span.start if span else None),
        talk=talk_in(visits),
        visits=visits,
    )


def _parties(
    first: Leg | None,
    own: list[Leg],
    direction: str,
    caller: QueueVisit | None,
    visits: list[BuiltVisit],
) -> tuple[str, str, str | None, str | None]:
    """Return the other party's number and name, what they dialled, and the line."""
    if first is None:
        return (caller.caller, caller.caller_name, None, None) if caller else ("", "", None, None)
    name, number = _caller_id(first.row.caller_id)
    number = first.row.source or number or (caller.caller if caller else "")
    did: str | None = (first.row.did or first.row.destination)[:128]
    if did in _NOT_DIALLED or any(
        did == visit.transferred_to and (visit.ended or 0) <= first.end for visit in visits
    ):
        did = None  # where the call was transferred to, not what the caller dialled
    if direction == "out":
        line = next((leg.peer_endpoint for leg in own if dials_out(leg)), None)
        own_number = first.row.source if f"/{first.row.source}" not in first.origin else ""
        return first.row.destination, "", own_number[:128] or None, line
    line = first.origin if direction == "in" else None
    return number, name, did, line


def _caller_id(text: str) -> tuple[str, str]:
    """Split ``"Name" <number>``; SIP and Asterisk have each escaped the name's quotes."""
    found = _CALLER_ID.match(text)
    if not found:
        return "", text.strip("<> ")
    name = re.sub(r"\\(.)", r"\1", found["name"], flags=re.DOTALL)
    return re.sub(r'\\(["\\])', r"\1", name), found["number"]
