"""From rows of call detail records to legs: who was rung, by what, from when to when.

Rows are not calls and not conversations either: one leg can stand in several rows (its Local
channel's other half, the dialled channel's own row), and those are taken out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.calls.builders.asterisk.clock import Span, spans
from portal.calls.sources.records import CdrRow, endpoint_of

_TRUNK_TECHNOLOGIES = {"DAHDI", "Zap", "mISDN", "CAPI", "Dongle", "Quectel", "Khomp", "OOH323"}
_DIALLED_OWN_ROW = {"AppDial", "AppDial2", "AppQueue"}
_AFTERWARDS = {
    "Return",
    "NoOp",
    "Set",
    "System",
    "AGI",
    "MacroExit",
    "CELGenUserEvent",
    "UserEvent",
}
_EXTENSION = re.compile(r"\d{2,6}(?:-\w+)?\Z")


@dataclass(slots=True)
class Leg:
    """One row of one call, with its times in UTC and its Local channels seen through."""

    row: CdrRow
    start: int
    answer: int | None
    end: int
    peer: str  # the channel at the other end; empty: nobody

    @property
    def origin(self) -> str:
        return endpoint_of(self.row.channel)

    @property
    def peer_endpoint(self) -> str:
        return endpoint_of(self.peer)

    @property
    def answered(self) -> bool:
        return self.row.disposition == "ANSWERED" and bool(self.peer)

    @property
    def ring(self) -> int:
        """Seconds before the answer; none are known where the line had been picked up before."""
        return max(0, self.row.duration - self.row.billed)

    @property
    def queue(self) -> str | None:
        """The queue that this row is of."""
        if self.row.application != "Queue":
            return None
        return re.split(r"[,|]", self.row.application_data, maxsplit=1)[0] or None

    @property
    def key(self) -> str:
        row = self.row
        place = row.sequence if row.sequence is not None else f"{row.start}|{row.peer_channel}"
        return f"{row.thread}|{place}"


def legs_of(rows: Sequence[CdrRow], zone: ZoneInfo) -> list[Leg]:
    """Return the legs of the rows of one call, in the order in which they began."""
    legs = [
        Leg(row, span.start, span.answer, span.end, row.peer_channel)
        for row, span in zip(rows, spans(rows, zone), strict=True)
    ]
    legs.sort(key=lambda leg: (leg.start, leg.row.sequence or 0, leg.end))
    legs = [leg for leg in legs if not _of_handler(leg)] or legs
    legs = _through_local(legs) or legs
    return _without_own_rows(legs) or legs


def span_of(legs: Iterable[Leg]) -> Span | None:
    """Return from when to when the legs go, None if there are none."""
    legs = list(legs)
    if not legs:
        return None
    return Span(min(leg.start for leg in legs), None, max(leg.end for leg in legs))


def _through_local(legs: list[Leg]) -> list[Leg]:
    """Put the phone behind a Local channel in its place; its row is the second half's own."""
    second_halves = {
        leg.row.channel.removesuffix(";2"): leg
        for leg in legs
        if leg.row.channel.startswith("Local/") and leg.row.channel.endswith(";2") and leg.peer
    }
    used = set()
    for leg in legs:
        half = leg.peer.removesuffix(";1") if leg.peer.endswith(";1") else None
        while half in second_halves and half not in used:
            used.add(half)
            leg.peer = second_halves[half].peer
            half = leg.peer.removesuffix(";1") if leg.peer.endswith(";1") else None
    return [
        leg
        for leg in legs
        if leg.row.channel.removesuffix(";2") not in used or not leg.row.channel.endswith(";2")
    ]


def _of_handler(leg: Leg) -> bool:
    """Tell whether the row is of a hangup handler, which runs when the call is over."""
    nothing = leg.row.duration == 0 and leg.row.billed == 0
    return nothing and leg.row.application in _AFTERWARDS


def _without_own_rows(legs: list[Leg]) -> list[Leg]:
    """Take out the rows of dialled channels that say nothing which the dialling row does not."""
    peers = [leg for leg in legs if leg.row.application not in _DIALLED_OWN_ROW and leg.peer]

    def repeats(leg: Leg) -> bool:
        if leg.row.application not in _DIALLED_OWN_ROW:
            return False
        return leg.row.billed == 0 or any(
            leg.row.channel == other.peer and other.start <= leg.end and leg.start <= other.end
            for other in peers
        )

    return [leg for leg in legs if not repeats(leg)]


def dials_out(leg: Leg) -> bool:
    """Tell whether the row dials a number over a line: ``SIP/030@trunk``, ``SIP/trunk/030``."""
    if not leg.peer or leg.row.application not in ("Dial", "AppDial"):
        return False
    technology, _, name = leg.peer_endpoint.partition("/")
    if technology in _TRUNK_TECHNOLOGIES:
        return True
    targets = leg.row.application_data.split(",", 1)[0].split("&")
    for target in targets:
        kind, _, rest = target.partition("/")
        if kind != technology or kind == "Local":
            continue
        if rest.endswith(f"@{name}") or rest.startswith(f"{name}/"):
            return True
    return False


def from_trunk(leg: Leg) -> bool:
    """Tell whether the row's own channel came over a line from outside."""
    technology, _, name = leg.origin.partition("/")
    if technology in _TRUNK_TECHNOLOGIES:
        return True
    if technology == "Local" or _EXTENSION.match(name):
        return False
    return name != leg.row.source


def to_queue_from(first: Leg) -> str:
    """Tell the direction of a call that went to a queue: 'internal' if a phone of the house did."""
    technology, _, name = first.origin.partition("/")
    own_number = bool(name) and name == first.row.source
    return "internal" if own_number and technology != "Local" else "in"


def direction_of(first: Leg, legs: Sequence[Leg]) -> str:
    """Tell 'in', 'out' or 'internal' by the first leg, and by what the same channel dialled."""
    if from_trunk(first):
        return "in"
    same = [leg for leg in legs if leg.row.thread == first.row.thread]
    if any(dials_out(leg) for leg in same):
        return "out"
    dials_number = first.row.application == "Dial" and _names_number(first.row.application_data)
    return "out" if dials_number else "internal"


def _names_number(data: str) -> bool:
    """Tell whether a number at a line is dialled: ``SIP/030123@trunk,30``."""
    target = re.split(r"[,&]", data, maxsplit=1)[0].partition("/")[2]
    return any(re.fullmatch(r"\d{3}", name[-3:]) for name in target.split("@")[:-1])
