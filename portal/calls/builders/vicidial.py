"""The calls of a VICIdial: what its dialer called, what its in-groups took.

An in-group is a queue, a campaign is the account that an outbound call is made for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from portal.calls.built import BuiltCall, BuiltOffer, BuiltVisit, talk_in, wait_in
from portal.calls.sources.records import Told, endpoint_of, epoch_of, is_possible
from portal.calls.sources.rows import instant
from portal.calls.sources.vicidial_row import FAMILY, number_of

__all__ = ["FAMILY", "build"]

Fields = dict[str, str]
_NOBODY = {"", "VDAD", "VDCL"}  # where an operator would stand
_CAPPED = 65_535  # no column of seconds holds more
_NEAR_S = 2
_RESULTS = {
    **dict.fromkeys(("NA", "N", "A", "AA", "AM", "AL", "AFAX", "ADAIR", "PM"), "no_answer"),
    **dict.fromkeys(("B", "AB"), "busy"),
    **dict.fromkeys(("DC", "ADC", "ADCT", "LRERR"), "failed"),
    **dict.fromkeys(("DROP", "XDROP", "PDROP"), "abandoned"),
    **dict.fromkeys(("AFTHRS", "MAXCAL"), "refused"),
    "TIMEOT": "timed_out",
    "NANQUE": "queue_empty",
}
_UNDER_WAY = {"NEW", "QUEUE", "INCALL", "LIVE"}
_LEFT_QUEUE = {
    "QUEUETIMEOUT": "timed_out",
    "AFTERHOURS": "refused",
    "NOAGENT": "queue_empty",
    "HOLDTIME": "left_by_key",
    "HOLDRECALLXFER": "left_by_key",
}
_ENDED_BY = {
    "CALLER": "caller",
    "ABANDON": "caller",
    "AGENT": "operator",
    **dict.fromkeys(("QUEUETIMEOUT", "AFTERHOURS", "NOAGENT"), "exchange"),
}


def build(told: Sequence[Told], zone: ZoneInfo) -> list[BuiltCall]:
    """Build the calls; what was told last of a row holds."""
    calls = (_call(of_call, zone) for of_call in _by_call(told))
    return [call for call in calls if call is not None]


def _by_call(told: Iterable[Told]) -> Iterable[list[Told]]:
    groups: dict[str, list[Told]] = {}
    for one in told:
        group = groups.setdefault(one.thread, [])
        other = groups.setdefault(one.linked_thread or one.thread, group)
        if other is not group:
            group += other
            groups |= dict.fromkeys((name for name, own in groups.items() if own is other), group)
        group.append(one)
    return {id(group): group for group in groups.values()}.values()


def _call(told: list[Told], zone: ZoneInfo) -> BuiltCall | None:
    rows: dict[str, Told] = {one.facts["row"]: one for one in told}
    tables: dict[str, list[Told]] = defaultdict(list)
    for row in sorted(rows.values(), key=lambda one: (one.at, one.facts["row"])):
        tables[row.facts["table"]].append(row)
    parts = [*tables["vicidial_log"], *tables["vicidial_closer_log"]] or tables["vicidial_did_log"]
    if not parts:
        return None
    parts.sort(key=lambda part: (_start(part, zone), part.facts["table"] != "vicidial_log"))
    visits = [_visit(part, zone) for part in parts]
    _add_talk(visits, [row.facts for row in tables["vicidial_agent_log"]])
    _add_transfers(visits, parts)
    for visit in visits:
        visit.put_in_order()
    return _summed(told, tables, parts, visits)


def _start(part: Told, zone: ZoneInfo) -> int:
    """Return when a part began: by its epoch, else by its local time, which must be possible."""
    fields = part.facts
    second = number_of(fields, "start_epoch")
    if second is not None and is_possible(second):
        return second
    return int(instant(fields.get("call_date", ""), zone, epoch_of(part.thread)).timestamp())


def _visit(part: Told, zone: ZoneInfo) -> BuiltVisit:
    fields = part.facts
    queued = fields["table"] == "vicidial_closer_log"
    agent = fields.get("user", "")
    visit = BuiltVisit(
        key=fields["row"],
        kind="queue" if queued else "direct",
        started=_start(part, zone),
        queue=fields.get("campaign_id") if queued else None,
        agent=None if agent in _NOBODY else agent,
    )
    length = number_of(fields, "length_in_sec")
    visit.ended = number_of(fields, "end_epoch") or None
    visit.result = _result(fields, visit)
    if visit.result == "in_progress":
        return visit
    if not _under_way(fields, visit):
        visit.ended = visit.ended or visit.started + (length or 0)
    visit.ended_by = _ENDED_BY.get(fields.get("term_reason", ""))
    visit.wait = number_of(fields, "queue_seconds") if queued else length
    if visit.result == "answered":  # where the log of operators does not tell better
        visit.wait = visit.wait if queued else None
        visit.answered = visit.started + (visit.wait or 0)
        if visit.ended is not None and length is not None:
            visit.talk = max(0, length - (visit.wait or 0))
    return visit


def _under_way(fields: Fields, visit: BuiltVisit) -> bool:
    return visit.ended is None and fields.get("status", "") in _UNDER_WAY


def _result(fields: Fields, visit: BuiltVisit) -> str:
    status, reason = fields.get("status", ""), fields.get("term_reason", "")
    if fields["table"] == "vicidial_did_log":
        return "left_menu"
    if visit.kind == "queue" and visit.agent:  # who called is a person
        return "answered"
    if _under_way(fields, visit):
        return "in_progress"
    if visit.kind == "queue":
        return _LEFT_QUEUE.get(reason) or _RESULTS.get(status, "abandoned")
    person = fields.get("human_answered", "N" if status in _RESULTS else "Y") == "Y"
    if visit.agent and person:
        return "answered"
    return _RESULTS.get(status, "abandoned" if person else "no_answer")


def _add_talk(visits: list[BuiltVisit], rows: list[Fields]) -> None:
    """Take from the operators' log who talked when, and how long before the caller was gone."""
    talks: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        begun, talk = number_of(row, "talk_epoch"), _seconds(row, "talk")
        if begun is None or talk is None:
            continue
        same = [v for v in visits if v.agent == row.get("user") and v.result == "answered"]
        visit = next((v for v in reversed(same) if v.started <= begun + _NEAR_S), None)
        if visit is not None and visit.ended is not None:
            talks[visit.key].append((begun, max(0, talk - (_seconds(row, "dead") or 0))))
    for visit in visits:
        if visit.key in talks:
            visit.answered = min(begun for begun, _ in talks[visit.key])
            visit.talk = sum(talk for _, talk in talks[visit.key])
            if visit.kind != "queue":
                visit.wait = max(0, visit.answered - visit.started)
        if visit.agent and visit.answered is not None:
            visit.offers = [BuiltOffer(visit.answered, visit.agent, "answered")]


def _seconds(row: Fields, what: str) -> int | None:
    """Return how long something lasted: by its epochs where the column could not hold it."""
    seconds = number_of(row, f"{what}_sec")
    begun, ended = number_of(row, f"{what}_epoch"), number_of(row, "dispo_epoch")
    if seconds is not None and seconds >= _CAPPED and begun and ended:
        return max(seconds, ended - begun)
    return seconds


def _add_transfers(visits: list[BuiltVisit], parts: list[Told]) -> None:
    for number, part in enumerate(parts[:-1]):
        visit, following = visits[number], visits[number + 1]
        if part.facts.get("status") == "XFER" and visit.result == "answered":
            visit.ended_by, visit.transferred_to = "transfer", following.queue


def _summed(
    told: list[Told],
    tables: dict[str, list[Told]],
    parts: list[Told],
    visits: list[BuiltVisit],
) -> BuiltCall:
    first = parts[0].facts
    out = first["table"] == "vicidial_log"
    threads = {one.thread for one in told} | {one.linked_thread or one.thread for one in told}
    came = [row.facts for row in tables["vicidial_did_log"]]
    lines = [row.facts for row in tables["vicidial_carrier_log"]] if out else came
    channels = (endpoint_of(fields.get("channel", "")) for fields in lines)
    answered = next((visit for visit in visits if visit.result == "answered"), None)
    ends = [visit.ended for visit in visits]
    dialled = None if out else next((f["extension"] for f in came if f.get("extension")), None)
    caller = next((f["caller_id_number"] for f in came if f.get("caller_id_number")), "")
    return BuiltCall(
        key=min(threads, key=lambda thread: (epoch_of(thread) or 1 << 40, thread)),
        threads=frozenset(threads),
        started=min(visit.started for visit in visits),
        ended=None if None in ends else max(end for end in ends if end is not None),
        direction="out" if out else "in",
        number=(first.get("phone_number") or caller)[:128],
        caller_name="" if out else next((f.get("caller_id_name", "") for f in came), "")[:255],
        did=dialled[:128] if dialled else None,
        trunk=next((one for one in channels if one and not one.startswith("Local/")), None),
        account=first.get("campaign_id", "")[:100] if out else "",
        context="",
        user_field="",
        result="answered" if answered else visits[-1].result,
        wait=wait_in(visits),
        talk=talk_in(visits),
        visits=visits,
    )
