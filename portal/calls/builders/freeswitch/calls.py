"""The calls of a FreeSWITCH: a document tells of one leg, a call is all legs tied together."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from portal.calls.builders.freeswitch.attempts import STOPPED, result_of, talk_of, talked, winner_of
from portal.calls.builders.freeswitch.dialled import dialled_visits
from portal.calls.builders.freeswitch.grouping import Group, group, who_hung_up
from portal.calls.builders.freeswitch.stays import queue_visits
from portal.calls.built import BuiltCall, BuiltVisit, talk_in, wait_in
from portal.calls.sources.freeswitch.legs import Leg
from portal.calls.sources.records import Told

_DIRECTIONS = {"inbound": "in", "outbound": "out", "local": "internal"}


def build(told: Sequence[Told], zone: ZoneInfo) -> list[BuiltCall]:
    """Build the calls of legs. Their times are UTC: ``zone`` is of no use here."""
    return [_call(one) for one in group(record.facts for record in told)]


def _call(group: Group) -> BuiltCall:
    direction = _direction(group)
    queues = queue_visits(group)
    visits = queues + dialled_visits(group, queues, outbound=direction == "out")
    answered = any(visit.result == "answered" for visit in visits)
    if not visits or (_talked_unseen(group) and not answered):
        since = max((visit.ended or 0 for visit in visits), default=0)
        visits.append(_alone(group.first, max(group.first.started, since * 1000), direction))
    for visit in visits:
        visit.put_in_order()
    visits.sort(key=lambda visit: (visit.started, visit.key))
    return _summed(group, direction, visits)


def _direction(group: Group) -> str:
    """Tell where a call goes; FusionPBX says so itself."""
    caller = group.caller
    said = next((leg.direction for leg in group.legs.values() if leg.direction), "")
    if said := (caller.direction if caller else "") or said:
        return _DIRECTIONS.get(said, "in")
    if caller is None:
        return "in"
    goes_out = any(_dials_out(group, leg) for leg in group.legs.values())
    if caller.dialled_by_exchange:  # a dialer, or a click on a number
        return "out" if caller.line or goes_out else "internal"
    if caller.line or not caller.phone:
        return "in"
    return "out" if goes_out else "internal"


def _dials_out(group: Group, leg: Leg) -> bool:
    """Tell whether the caller's leg had this leg to the outside made, before anybody answered."""
    if not (leg.dialled_by_exchange and leg.line and group.owner(leg) == group.main):
        return False
    return not any(
        talked(other) and (other.answered or 0) < leg.started
        for other in group.legs.values()
        if other.uuid not in (leg.uuid, group.main)
    )


def _talked_unseen(group: Group) -> bool:
    """Tell whether the caller talked with somebody whose leg is not told: `log-b-leg` is off."""
    return talked(group.first) and group.first.bridged_to not in group.legs


def _alone(leg: Leg, began: int, direction: str) -> BuiltVisit:
    """Build the visit of which nothing but the caller's leg tells."""
    end = max(began, leg.ended or began)
    visit = BuiltVisit(f"dialled|{leg.uuid}", "direct", began // 1000, ended=end // 1000)
    side = "operator" if direction == "out" else "caller"
    visit.agent = (leg.phone if direction == "out" else leg.peer if talked(leg) else "") or None
    visit.ended_by = side if who_hung_up(leg.ended, leg) == 0 else None
    if talked(leg):
        since = max(began, end - talk_of(leg))
        visit.result, visit.answered = "answered", since // 1000
        visit.wait, visit.talk = (since - began) // 1000, (end - since) // 1000
    elif leg.cause in STOPPED:
        visit.result, visit.ended_by = "lost", "exchange"
    else:
        visit.wait = (end - began) // 1000
        visit.result = _unreached(leg, direction)
        if visit.result == "refused":
            visit.ended_by = "exchange"
    return visit


def _unreached(leg: Leg, direction: str) -> str:
    """Tell how a call ended of which nobody is known to have been rung."""
    if leg.cause == "ORIGINATOR_CANCEL":
        return "no_answer" if direction == "out" else "abandoned"
    if leg.attempt not in ("", "SUCCESS"):
        return result_of(leg.attempt)
    if leg.answered is not None:
        return "left_menu"
    result = result_of(leg.cause)
    return "refused" if result == "failed" else result


def _summed(group: Group, direction: str, visits: list[BuiltVisit]) -> BuiltCall:
    caller, first = group.caller, group.first
    began = [leg.started // 1000 for leg in group.legs.values()]
    accounts = [leg.account for leg in (first, *group.legs.values()) if leg.account]
    ends = [visit.ended for visit in visits]
    if caller and caller.ended is not None:
        ends.append(caller.ended // 1000)
    whole = (caller.ended - caller.started) // 1000 if caller and caller.ended else None
    counted = [visit for visit in visits if visit.kind != "consultation"] or visits
    answered = any(visit.result == "answered" for visit in counted)
    number, name, did, line = _parties(group, first, direction)
    return BuiltCall(
        key=group.main,
        threads=group.threads | {group.main},
        started=min([*began, *(visit.started for visit in visits)]),
        ended=None if None in ends else max([end for end in ends if end is not None], default=None),
        direction=direction,
        number=number[:128],
        caller_name=name[:255],
        did=did[:128] or None,
        trunk=line or None,
        account=accounts[0][:100] if accounts else "",
        context=first.context,
        user_field="",
        result="answered" if answered else counted[-1].result,
        wait=wait_in(visits, None if whole is None else max(0, whole)),
        talk=talk_in(visits),
        visits=visits,
    )


def _parties(group: Group, first: Leg, direction: str) -> tuple[str, str, str, str]:
    """Return the other party's number and name, the number of the house, and the line."""
    if direction != "out":
        return first.number, first.name, first.dialled, first.line if direction == "in" else ""
    out = [leg for leg in group.legs.values() if _dials_out(group, leg)]
    far = winner_of(out) or next(iter(out), first)
    dialled = far.dialled if first.dialled_by_exchange else first.dialled
    shown = far.number if far.number != first.phone.partition("@")[0] else ""
    return dialled, "", shown, far.line
