"""The calls of a FreeSWITCH: a document tells of one leg, a call is all legs tied together."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from portal.calls.builders.freeswitch.attempts import STOPPED, result_of, talk_of, talked
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
    caller = group.caller or min(group.legs.values(), key=lambda leg: (leg.started, leg.uuid))
    answered = any(visit.result == "answered" for visit in visits)
    if not visits or (_talked_unseen(group, caller) and not answered):
        visits.append(_alone(caller, direction, max((v.ended or 0 for v in visits), default=0)))
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
    """Tell whether the caller's leg had this leg to the outside made, before it was passed on."""
    if not (leg.dialled_by_exchange and leg.line and group.owner(leg) == group.main):
        return False
    passed_on = group.caller.transfers if group.caller else ()
    return not any(transfer.at < leg.started for transfer in passed_on)


def _talked_unseen(group: Group, leg: Leg) -> bool:
    """Tell whether the caller talked with somebody whose leg is not told: `log-b-leg` is off."""
    return talked(leg) and leg.bridged_to not in group.legs


def _alone(leg: Leg, direction: str, since_s: int) -> BuiltVisit:
    """Build the visit of which nothing but the caller's leg tells."""
    end, began = leg.ended or leg.started, max(leg.started, since_s * 1000)
    visit = BuiltVisit(f"dialled|{leg.uuid}", "direct", began // 1000, ended=end // 1000)
    visit.agent = leg.phone if direction == "out" else leg.peer
    visit.agent = visit.agent or None
    visit.wait = max(0, end - began) // 1000
    if talked(leg):
        since = end - talk_of(leg)
        visit.result, visit.answered = "answered", since // 1000
        visit.wait, visit.talk = max(0, since - began) // 1000, talk_of(leg) // 1000
        place = who_hung_up(leg.ended, leg)
        near = "operator" if direction == "out" else "caller"
        visit.ended_by = near if place == 0 else None
        return visit
    visit.agent = visit.agent if direction == "out" else None
    tried = leg.attempt not in ("", "SUCCESS")
    cause = leg.attempt if tried else leg.cause
    if leg.cause in STOPPED:
        visit.result, visit.wait, visit.ended_by = "lost", None, "exchange"
    elif leg.cause == "ORIGINATOR_CANCEL":
        visit.result = "no_answer" if direction == "out" else "abandoned"
        visit.ended_by = "operator" if direction == "out" else "caller"
    elif tried:
        visit.result = result_of(cause)
    elif leg.answered is not None:
        visit.result = "left_menu"
        visit.ended_by = "caller" if who_hung_up(leg.ended, leg) == 0 else None
    elif result_of(cause) == "failed":
        visit.result, visit.ended_by = "refused", "exchange"
    else:
        visit.result = result_of(cause)
    return visit


def _summed(group: Group, direction: str, visits: list[BuiltVisit]) -> BuiltCall:
    caller = group.caller
    first = caller or min(group.legs.values(), key=lambda leg: (leg.started, leg.uuid))
    started = min(
        [leg.started // 1000 for leg in group.legs.values()] + [v.started for v in visits]
    )
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
        started=started,
        ended=None if None in ends else max([end for end in ends if end is not None], default=None),
        direction=direction,
        number=number[:128],
        caller_name=name[:255],
        did=did[:128] or None,
        trunk=line or None,
        account=next((leg.account for leg in (first, *group.legs.values()) if leg.account), "")[
            :100
        ],
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
    out = next((leg for leg in group.legs.values() if _dials_out(group, leg)), None)
    far = out or first
    dialled = far.dialled if first.dialled_by_exchange else first.dialled
    shown = far.number if far.number != first.phone.partition("@")[0] else ""
    return dialled, "", shown, far.line
