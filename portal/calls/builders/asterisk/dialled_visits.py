"""From legs that no queue accounts for to visits: direct calls, transfers, consultations.

A direct call is one visit, however many phones it rang. What rings after somebody answered is
another visit: the PBX moved the caller on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from portal.calls.builders.asterisk.legs import Leg, dials_out, from_trunk
from portal.calls.builders.asterisk.queue_visits import QueueVisit
from portal.calls.built import BuiltOffer, BuiltVisit

_TOUCH_S = 2  # two truncated times of one moment are at most this far apart
_UNANSWERED = {"BUSY": "busy", "CANCEL": "abandoned", "FAILED": "failed", "CONGESTION": "failed"}


@dataclass(slots=True)
class Ringing:
    """Legs that were one attempt to reach somebody."""

    kind: str
    legs: list[Leg] = field(default_factory=list)
    winner: Leg | None = None  # who talked longest

    def add(self, leg: Leg) -> None:
        self.legs.append(leg)
        if leg.answered and (self.winner is None or leg.row.billed > self.winner.row.billed):
            self.winner = leg

    @property
    def start(self) -> int:
        return self.legs[0].start

    @property
    def end(self) -> int:
        return max(leg.end for leg in self.legs)


def dialled_visits(
    legs: Sequence[Leg], queue_visits: Sequence[QueueVisit], *, primary: str, direction: str
) -> list[BuiltVisit]:
    """Build the visits of the legs that queues do not account for, in the order of their start."""
    ringings: list[Ringing] = []
    for leg in legs:
        if not leg.peer:
            continue
        before = ringings[-1] if ringings else None
        if before and _took_over(before, leg):
            before.add(leg)
            before.kind = "transfer"
        elif before and _same_attempt(before, leg, queue_visits):
            before.add(leg)
        else:
            ringings.append(Ringing(_kind(leg, ringings, queue_visits, primary)))
            ringings[-1].add(leg)
    return [_visit(ringing, direction) for ringing in ringings]


def _took_over(before: Ringing, leg: Leg) -> bool:
    """Tell whether the person who was asked now has the caller: an attended transfer."""
    return before.kind == "consultation" and any(
        other.answered
        and other.peer in (leg.peer, leg.row.channel)
        and abs(other.end - leg.start) <= _TOUCH_S
        and other.row.thread != leg.row.thread
        for other in before.legs
    )


def _same_attempt(before: Ringing, leg: Leg, queue_visits: Sequence[QueueVisit]) -> bool:
    if before.legs[0].row.thread != leg.row.thread:
        return False
    winner = before.winner
    if winner and leg.start >= winner.end - 1 and leg.start > winner.start:
        return False  # somebody had answered: what rings now is a transfer
    return not any(before.start < visit.built.started <= leg.start for visit in queue_visits)


def _kind(
    leg: Leg, ringings: list[Ringing], queue_visits: Sequence[QueueVisit], primary: str
) -> str:
    """Tell what a new attempt is: of an operator who asks somebody, after an answer, or direct."""
    answered = any(visit.connected and visit.built.started <= leg.start for visit in queue_visits)
    answered = answered or any(ringing.winner for ringing in ringings)
    if not answered:
        return "direct"
    own_channel = leg.row.thread == primary or leg.row.channel.startswith("Local/")
    if own_channel or from_trunk(leg) or leg.row.linked_id == primary:
        return "transfer"
    return "consultation"


def _visit(ringing: Ringing, direction: str) -> BuiltVisit:
    winner = ringing.winner
    outbound = direction == "out" and ringing.kind == "direct"
    visit = BuiltVisit(
        key=f"dialled|{ringing.legs[0].key}",
        kind=ringing.kind,
        started=ringing.start,
        ended=ringing.end,
    )
    if outbound:
        visit.agent = ringing.legs[0].origin
    else:
        visit.offers = [_offer(leg, winner) for leg in _first_rung(ringing)]
    if winner is None:
        visit.result = _unanswered(ringing.legs)
        visit.wait = ringing.end - ringing.start
        return visit
    visit.result = "answered"
    visit.agent = visit.agent or _operator(winner)
    visit.wait = winner.ring + max(0, winner.start - visit.started)
    visit.answered = visit.started + visit.wait
    visit.talk = _talk(winner, ringing)
    visit.ended = max(leg.end for leg in ringing.legs if leg.answered)
    return visit


def _talk(winner: Leg, ringing: Ringing) -> int:
    """Add up the legs of the person who answered: asked first, then given the caller."""
    same = [leg for leg in ringing.legs if leg.answered and leg.peer == winner.peer]
    if len(same) == 1:
        return winner.row.billed
    first, last = min(same, key=lambda leg: leg.start), max(same, key=lambda leg: leg.end)
    total = sum(leg.row.billed for leg in same)
    span = last.end - (first.answer if first.answer is not None else first.start)
    return max(total, span) if span - total <= _TOUCH_S * len(same) else total


def _first_rung(ringing: Ringing) -> Iterator[Leg]:
    """Yield the legs that do not go on with a channel that an earlier one rang."""
    rung: set[str] = set()
    for leg in ringing.legs:
        if rung.isdisjoint((leg.peer, leg.row.channel)):
            yield leg
        rung.add(leg.peer)


def _offer(leg: Leg, winner: Leg | None) -> BuiltOffer:
    result = offer_result(leg)
    raced = winner is not None and leg.peer != winner.peer and leg.end > winner.start
    if raced and result in ("answered", "no_answer"):
        result = "taken_by_other"
    return BuiltOffer(leg.end, _operator(leg), result, leg.ring * 1000)


def offer_result(leg: Leg) -> str:
    if leg.answered:
        return "answered"
    return "no_answer" if leg.row.disposition == "NO ANSWER" else "refused"


def _operator(leg: Leg) -> str:
    """Return the phone of a leg: its far end, unless that is a line and the near one is not."""
    if dials_out(leg) and not from_trunk(leg):
        return leg.origin
    return leg.peer_endpoint


def _unanswered(legs: list[Leg]) -> str:
    results = [_UNANSWERED.get(leg.row.disposition, "no_answer") for leg in legs]
    return "no_answer" if "no_answer" in results else results[-1]
