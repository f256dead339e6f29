"""Whom a visit to a queue was offered to: by the queue log and the rows of the phones that rang.

One call can ring a hundred phones for an hour: nothing here may take each row with each offer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from portal.calls.builders.asterisk.dialled_visits import offer_result
from portal.calls.builders.asterisk.legs import Leg
from portal.calls.builders.asterisk.queue_visits import QueueVisit
from portal.calls.built import BuiltOffer

TOLERANCE_S = 2  # between what the queue log and the rows say of one moment


def add_offers(visit: QueueVisit, legs: list[Leg]) -> None:
    """Add the phones that rang and of which the queue log says nothing."""
    told = _Told(visit.built.offers)
    left = [leg for leg in legs if not told.take(leg, by_name=True)]
    for leg in left:
        if told.take(leg, by_name=False):
            continue
        result = offer_result(leg)
        if result == "answered" and visit.connected:
            continue
        if visit.connected and result != "refused" and leg.end >= (visit.built.answered or 0) - 1:
            result = "taken_by_other"
        elif result == "no_answer" and visit.ending == "ABANDON":
            result = "cancelled"
        ring_ms = (leg.end - leg.start) * 1000
        visit.built.offers.append(BuiltOffer(leg.end, leg.peer_endpoint, result, ring_ms))
    visit.built.offers.sort(key=lambda offer: offer.at)


class _Told:
    """The offers that the queue log tells of; each is taken by the row that is the same one."""

    def __init__(self, offers: list[BuiltOffer]) -> None:
        self.answered = [offer for offer in offers if offer.result == "answered"]
        self.others: dict[int, list[BuiltOffer]] = defaultdict(list)
        for offer in offers:
            if offer.result != "answered":
                self.others[offer.at].append(offer)

    def take(self, leg: Leg, *, by_name: bool) -> bool:
        """Tell whether the queue log tells of this row, and take that offer off."""
        phone = leg.peer_endpoint
        for offers in [self.answered] if leg.answered else self._around(leg.end):
            for offer in offers:
                if by_name != (offer.agent == phone) or (not by_name and "/" in offer.agent):
                    continue
                offers.remove(offer)
                return True
        return False

    def _around(self, second: int) -> Iterator[list[BuiltOffer]]:
        for near in range(second - TOLERANCE_S, second + TOLERANCE_S + 1):
            if near in self.others:
                yield self.others[near]
