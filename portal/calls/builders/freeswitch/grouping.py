"""Which legs are one call, which of them is its caller's, and who had which one made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal.calls.sources.freeswitch.legs import Leg, Transfer

_NEAR_MS = 3000  # what happens within this is one moment, told by several clocks


@dataclass
class Group:
    """The legs of one call by id, in time. ``main`` is the caller's; it may not be told yet."""

    legs: dict[str, Leg]
    main: str = ""
    threads: frozenset[str] = field(default_factory=frozenset)

    @property
    def caller(self) -> Leg | None:
        return self.legs.get(self.main)

    @property
    def first(self) -> Leg:
        """The caller's leg, or what is told of the call until that is."""
        return self.caller or next(iter(self.legs.values()))

    def owner(self, leg: Leg) -> str:
        """Return the id of the leg that had this one made, seen through loopback channels."""
        owner, seen = leg.parent, {leg.uuid}
        while owner not in seen and (one := self.legs.get(owner)) and one.loopback and one.parent:
            seen.add(owner)
            owner = one.parent
        return owner

    def talked_with_caller(self, leg: Leg) -> bool:
        caller = self.caller
        return leg.bridged_to == self.main or (caller is not None and caller.bridged_to == leg.uuid)

    def transfer_at(self, moment: int | None, *uuids: str, after: int | None) -> Transfer | None:
        """Return by what one of the legs was passed on at about this moment.

        It was not by what the dialplan did before: ``after`` is when it can have been.
        """
        found = [
            transfer
            for uuid in (self.main, *uuids)
            if uuid in self.legs and moment is not None
            for transfer in self.legs[uuid].transfers
            if abs(transfer.at - moment) <= _NEAR_MS and transfer.at > (after or 0) // 1000 * 1000
        ]
        return min(found, key=lambda transfer: (transfer.at, transfer.target), default=None)


def group(legs: Iterable[Leg]) -> list[Group]:
    """Put the legs together that are one call; of each leg the fullest telling counts."""
    best: dict[str, Leg] = {}
    for leg in sorted(legs, key=lambda leg: (leg.whole, repr(leg))):
        best[leg.uuid] = leg
    joined = _Joined()
    for leg in best.values():
        joined.add(leg.uuid, leg.linked or leg.uuid)
    found: dict[str, list[Leg]] = defaultdict(list)
    for leg in sorted(best.values(), key=lambda leg: (leg.started, leg.uuid)):
        found[joined.of(leg.uuid)].append(leg)
    return [_group(of_call) for of_call in found.values()]


def who_hung_up(moment: int | None, *legs: Leg | None) -> int | None:
    """Return the place of the leg whose far end hung up at about this moment; -1: the exchange."""
    near = [
        (place, leg)
        for place, leg in enumerate(legs)
        if leg and leg.ended and moment is not None and abs(leg.ended - moment) <= _NEAR_MS
    ]
    for place, leg in near:
        if leg.disposition.startswith("recv_"):
            return place
    sent = [leg for _, leg in near if leg.disposition.startswith("send_")]
    return -1 if len(sent) == len(legs) else None


class _Joined:
    """Ids that are put together, by the one that stands for all."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, uuid: str) -> str:
        while (above := self._above.get(uuid, uuid)) != uuid:
            self._above[uuid] = self._above.get(above, above)
            uuid = above
        return uuid

    def add(self, one: str, other: str) -> None:
        self._above[self.of(one)] = self.of(other)


def _group(legs: Sequence[Leg]) -> Group:
    """Find the caller's leg: that which began first of those that no other had made."""
    by_id = {leg.uuid: leg for leg in legs}
    began: dict[str, tuple[int, str]] = {}
    for leg in legs:
        root = _root(leg, by_id)
        own = by_id.get(root, leg).started
        began[root] = min(began.get(root, (own, root)), (own, root))
    threads = {*by_id, *(leg.linked for leg in legs if leg.linked)}
    return Group(by_id, min(began, key=lambda root: began[root]), frozenset(threads))


def _root(leg: Leg, legs: dict[str, Leg]) -> str:
    seen = [leg.uuid]
    while (one := legs.get(seen[-1])) and one.parent:
        if one.parent in seen:  # nothing real: legs that had each other made
            return min(seen)
        seen.append(one.parent)
    return seen[-1]
