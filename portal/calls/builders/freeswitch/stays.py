"""From legs to visits of queues.

The caller's leg tells of the last queue only, however many it was in: earlier ones are found by the
legs of the agents who were rung, and by what the dialplan did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.calls.builders.freeswitch.attempts import STOPPED, offers_of, talk_of, winner_of
from portal.calls.builders.freeswitch.grouping import Group, who_hung_up
from portal.calls.built import BuiltVisit
from portal.calls.sources.freeswitch.legs import Leg, Stay

_NEAR_MS = 3000
_LEFT = {
    "TIMEOUT": ("timed_out", "exchange"),
    "NO_AGENT_TIMEOUT": ("queue_empty", "exchange"),
    "EXIT_WITH_KEY": ("left_by_key", "caller"),
}
# BREAK_OUT, and what is not known: the caller's hang-up.
_GONE = ("abandoned", "caller")


@dataclass
class QueueVisit:
    """All that is known of one stay in one queue."""

    session: str  # the leg that was in the queue
    queue: str
    began: int = 0
    members: set[str] = field(default_factory=set)
    joined: set[int] = field(default_factory=set)
    agents: list[Leg] = field(default_factory=list)
    told: Stay | None = None  # by the leg itself

    def is_of(self, stay: Stay) -> bool:
        if not (stay.member and self.members) and not (stay.joined and self.joined):
            return True
        return stay.member in self.members or stay.joined in self.joined

    def add(self, stay: Stay) -> None:
        if stay.member:
            self.members.add(stay.member)
        if stay.joined:
            self.joined.add(stay.joined)
        if not stay.of_agent:
            self.told = stay

    @property
    def key(self) -> str:
        own = min(self.members, default="") or str(min(self.joined, default=self.began))
        return f"queue|{self.session}|{self.queue}|{own}"


def queue_visits(group: Group) -> list[BuiltVisit]:
    """Build the visits of queues, in the order of their beginning."""
    visits = _found(group)
    for visit in visits:
        rung = min((leg.started for leg in visit.agents), default=visit.began)
        visit.began = min(visit.joined, default=rung)
    visits += _entered(group, visits)
    visits.sort(key=lambda visit: (visit.began, visit.key))
    return [_built(group, visit, visits[place + 1 :]) for place, visit in enumerate(visits)]


def _found(group: Group) -> list[QueueVisit]:
    """Put together what legs tell of the same stay, those that know more of it first."""
    told: list[tuple[Leg, Stay, str]] = [
        (leg, leg.stay, leg.parent if leg.stay.of_agent else leg.uuid)
        for leg in group.legs.values()
        if leg.stay and (leg.parent or not leg.stay.of_agent)
    ]
    told.sort(key=lambda one: (-bool(one[1].member) - bool(one[1].joined), one[0].started))
    found: dict[tuple[str, str], list[QueueVisit]] = defaultdict(list)
    for leg, stay, session in told:
        same = found[session, stay.queue]
        visit = next((visit for visit in same if visit.is_of(stay)), None)
        if visit is None:
            visit = QueueVisit(session, stay.queue, leg.started)
            same.append(visit)
        visit.add(stay)
        if stay.of_agent:
            visit.agents.append(leg)
    return [visit for same in found.values() for visit in same]


def _entered(group: Group, known: Iterable[QueueVisit]) -> list[QueueVisit]:
    """Return the stays that only the dialplan tells of: nobody was rung in them."""
    visits = []
    for leg in group.legs.values():
        entered = sorted(leg.entered)
        for place, (at, queue) in enumerate(entered):
            until = entered[place + 1][0] if place + 1 < len(entered) else at + 10**12
            if not any(
                visit.session == leg.uuid
                and visit.queue == queue
                and at - _NEAR_MS <= visit.began < max(until - _NEAR_MS, at + 1)
                for visit in known
            ):
                visits.append(QueueVisit(leg.uuid, queue, at))
    return visits


def _built(group: Group, visit: QueueVisit, later: list[QueueVisit]) -> BuiltVisit:
    leg, winner = group.legs.get(visit.session), winner_of(visit.agents)
    gone_on = next((other.began for other in later if other.session == visit.session), None)
    built = BuiltVisit(visit.key, "queue", visit.began // 1000, queue=visit.queue)
    built.offers = offers_of(visit.agents, winner, since=visit.began)
    told = visit.told
    if told.cause == "answered" if told and told.cause else winner is not None:
        _answered(group, built, visit, winner, leg)
    elif leg is None:
        return built  # in progress: the caller's leg is told when it is over
    elif leg.cause in STOPPED and gone_on is None and not (told and told.cause):
        built.result, built.ended_by = "lost", "exchange"
        built.ended = _seconds(leg.ended)
    else:
        _left(group, built, visit, leg, gone_on)
    return built


def _answered(
    group: Group, built: BuiltVisit, visit: QueueVisit, winner: Leg | None, leg: Leg | None
) -> None:
    told = visit.told
    built.result = "answered"
    agent = winner.stay.agent if winner and winner.stay else ""
    built.agent = agent or (told.agent if told else "") or (winner.phone if winner else "") or None
    answered = (told.answered if told else None) or (winner.answered if winner else None)
    ended = (told.terminated if told else None) or (winner.ended if winner else None)
    ended = ended or (leg.ended if leg else None)
    if answered is not None:
        built.wait = max(0, answered - visit.began) // 1000
        if ended is not None:
            built.talk = max(0, ended - answered) // 1000
    elif winner:
        built.talk = talk_of(winner) // 1000
    built.answered, built.ended = _seconds(answered), _seconds(ended)
    uuids = (visit.session, winner.uuid) if winner else (visit.session,)
    transfer = group.transfer_at(ended, *uuids, after=answered)
    if transfer or (winner and winner.cause in ("BLIND_TRANSFER", "ATTENDED_TRANSFER")):
        built.ended_by = "transfer"
        built.transferred_to = (transfer.target[:128] or None) if transfer else None
    else:
        place = who_hung_up(ended, leg, winner)
        built.ended_by = None if place is None else ("caller", "operator", "exchange")[place]


def _left(
    group: Group, built: BuiltVisit, visit: QueueVisit, leg: Leg, gone_on: int | None
) -> None:
    told = visit.told
    left = (told.cancelled if told else None) or gone_on or leg.ended
    if told and told.cause:
        built.result, built.ended_by = _LEFT.get(told.reason, _GONE)
    else:  # what came after it hides why
        built.result, built.ended_by = _GONE if gone_on is None else ("timed_out", "exchange")
    transfer = group.transfer_at(left, visit.session, after=visit.began)
    if transfer and built.result == "abandoned":
        built.result, built.ended_by = "withdrawn", "exchange"
        built.transferred_to = transfer.target[:128] or None
    built.ended = _seconds(left)
    if left is not None:
        built.wait = max(0, left - visit.began) // 1000


def _seconds(moment: int | None) -> int | None:
    return None if moment is None else moment // 1000
