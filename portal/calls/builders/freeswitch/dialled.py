"""From legs that no queue made to visits: direct calls, what followed a transfer, consultations.

A direct call is one visit, however many phones it rang. What rings after somebody answered is
another visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.calls.builders.freeswitch.attempts import (
    STOPPED,
    offers_of,
    result_of,
    talk_of,
    talked,
    who,
    winner_of,
)
from portal.calls.builders.freeswitch.grouping import Group, who_hung_up
from portal.calls.built import BuiltVisit
from portal.calls.sources.freeswitch.legs import Leg

_TOUCH_MS = 1000


@dataclass
class Ringing:
    """Legs that were one attempt to reach somebody."""

    kind: str
    owner: str  # the leg that had them made
    legs: list[Leg] = field(default_factory=list)

    @property
    def winner(self) -> Leg | None:
        return winner_of(self.legs)

    @property
    def started(self) -> int:
        return self.legs[0].started

    @property
    def ended(self) -> int:
        return max(leg.ended or leg.started for leg in self.legs)


def dialled_visits(
    group: Group, queues: Sequence[BuiltVisit], *, outbound: bool
) -> list[BuiltVisit]:
    """Build the visits of the legs that no queue made, in the order of their beginning."""
    ringings: list[Ringing] = []
    for leg in _rung(group):
        owner = group.owner(leg) or group.main
        before = next((one for one in reversed(ringings) if one.owner == owner), None)
        if before is None or not _same_attempt(before, leg, queues):
            before = Ringing(_kind(group, leg, owner, ringings, queues), owner)
            ringings.append(before)
        before.legs.append(leg)
        if before.kind == "consultation" and group.talked_with_caller(leg):
            before.kind = "transfer"  # who was asked took the call over
    return [_visit(group, ringing, outbound=outbound) for ringing in ringings]


def _rung(group: Group) -> list[Leg]:
    """Return the legs that rang somebody, and that of a person who picked the call up."""
    agents = {leg.uuid for leg in group.legs.values() if leg.stay and leg.stay.of_agent}
    others = agents | {group.main}
    return [
        leg
        for leg in group.legs.values()
        if leg.uuid not in others
        and not leg.loopback
        and not _behind_agent(group, leg, agents)
        and (leg.dialled_by_exchange or _picked_up(group, leg))
    ]


def _behind_agent(group: Group, leg: Leg, agents: set[str]) -> bool:
    """Tell whether a leg is the phone of an agent whom a loopback channel stands for."""
    above = group.legs.get(leg.parent)
    for _ in group.legs:
        if above is None or not above.loopback:
            return False
        if above.uuid in agents:
            return True
        above = group.legs.get(above.parent)
    return False


def _picked_up(group: Group, leg: Leg) -> bool:
    caller = group.caller
    return caller is not None and caller.bridged_to == leg.uuid and not caller.dialled_by_exchange


def _same_attempt(before: Ringing, leg: Leg, queues: Sequence[BuiltVisit]) -> bool:
    winner = before.winner
    if winner and winner.ended and leg.started >= winner.ended - _TOUCH_MS:
        return False  # somebody had answered: what rings now is a transfer
    return not any(
        before.started // 1000 < visit.started <= leg.started // 1000 for visit in queues
    )


def _kind(
    group: Group, leg: Leg, owner: str, ringings: Sequence[Ringing], queues: Sequence[BuiltVisit]
) -> str:
    """Tell what a new attempt is: direct, after an answer, or of somebody who asks somebody."""
    answered = any(
        visit.result == "answered" and visit.started <= leg.started // 1000 for visit in queues
    ) or any(ringing.winner for ringing in ringings)
    if not answered:
        return "direct"
    own = group.legs.get(owner)
    passed_on = own is not None and any(one.at <= leg.started + 1000 for one in own.transfers)
    return "transfer" if owner == group.main or passed_on else "consultation"


def _visit(group: Group, ringing: Ringing, *, outbound: bool) -> BuiltVisit:
    winner, caller = ringing.winner, group.caller
    visit = BuiltVisit(
        f"dialled|{ringing.legs[0].uuid}",
        ringing.kind,
        ringing.started // 1000,
        ended=ringing.ended // 1000,
    )
    by_house = outbound and ringing.kind == "direct"
    if by_house:
        visit.agent = (caller.phone if caller else "") or None
    else:
        visit.offers = offers_of(ringing.legs, winner)
    if winner is None:
        _unanswered(visit, ringing, caller, by_house=by_house)
        return visit
    visit.result = "answered"
    visit.agent = visit.agent or who(winner) or None
    since = max(winner.answered or winner.started, winner.bridged or 0)
    visit.answered, visit.talk = since // 1000, talk_of(winner) // 1000
    visit.wait = max(0, since - ringing.started) // 1000
    visit.ended = None if winner.ended is None else winner.ended // 1000
    _set_end(group, visit, winner, ringing, by_house=by_house)
    return visit


def _set_end(
    group: Group, visit: BuiltVisit, winner: Leg, ringing: Ringing, *, by_house: bool
) -> None:
    transfer = group.transfer_at(winner.ended, winner.uuid, after=winner.answered)
    if transfer or winner.cause in ("BLIND_TRANSFER", "ATTENDED_TRANSFER"):
        visit.ended_by = "transfer"
        visit.transferred_to = (transfer.target[:128] or None) if transfer else None
        return
    with_caller = group.talked_with_caller(winner)
    first = group.caller if with_caller else group.legs.get(ringing.owner)
    place = who_hung_up(winner.ended, first, winner)
    sides = ("operator", "caller", "exchange") if by_house else ("caller", "operator", "exchange")
    visit.ended_by = None if place is None else sides[place]


def _unanswered(visit: BuiltVisit, ringing: Ringing, caller: Leg | None, *, by_house: bool) -> None:
    visit.wait = (ringing.ended - ringing.started) // 1000
    if caller is None:
        visit.result, visit.wait, visit.ended = "in_progress", None, None
        return
    results = [result_of(leg.cause) for leg in ringing.legs]
    if "lost" in results or (caller.cause in STOPPED and not talked(caller)):
        visit.result, visit.wait, visit.ended_by = "lost", None, "exchange"
    elif ringing.kind == "consultation" and "abandoned" in results:
        visit.result, visit.ended_by = "no_answer", "operator"
    elif _gave_up(caller, ringing, results):
        visit.result = "no_answer" if by_house else "abandoned"
        visit.ended_by = "operator" if by_house else "caller"
    else:
        rang = not {"no_answer", "abandoned"}.isdisjoint(results)
        visit.result = "no_answer" if rang else results[-1]


def _gave_up(caller: Leg, ringing: Ringing, results: Sequence[str]) -> bool:
    """Tell whether the caller hung up while somebody was rung."""
    at_the_end = caller.ended is not None and caller.ended - ringing.ended <= _TOUCH_MS
    return at_the_end and ("abandoned" in results or caller.cause == "ORIGINATOR_CANCEL")
