"""How attempts to reach somebody ended, by the cause of the hang-up: of a visit and of an offer."""

from __future__ import annotations

from collections.abc import Iterable

from portal.calls.built import BuiltOffer
from portal.calls.sources.freeswitch.legs import Leg

# The exchange stopped: what was up is neither answered nor abandoned by this.
STOPPED = {"SYSTEM_SHUTDOWN", "CRASH"}
_UNANSWERED = ("no_answer", "no_answer")
_CAUSES = {
    "ORIGINATOR_CANCEL": ("abandoned", "cancelled"),
    "USER_BUSY": ("busy", "refused"),
    "CALL_REJECTED": ("no_answer", "refused"),
    "LOSE_RACE": ("no_answer", "taken_by_other"),
    "PICKED_OFF": ("no_answer", "taken_by_other"),
    "SYSTEM_SHUTDOWN": ("lost", "cancelled"),
    "CRASH": ("lost", "cancelled"),
    **dict.fromkeys(
        (
            *("", "NONE", "UNKNOWN", "NORMAL_CLEARING", "NO_ANSWER", "NO_USER_RESPONSE"),
            *("ALLOTTED_TIMEOUT", "PROGRESS_TIMEOUT", "MEDIA_TIMEOUT", "RECOVERY_ON_TIMER_EXPIRE"),
            *("ATTENDED_TRANSFER", "BLIND_TRANSFER", "MANAGER_REQUEST"),
        ),
        _UNANSWERED,
    ),
}
_FAILED = ("failed", "refused")  # every other cause, the unknown ones too
_TOUCH_MS = 1000


def result_of(cause: str) -> str:
    """Return the result of a visit that nobody answered."""
    return _CAUSES.get(cause, _FAILED)[0]


def talked(leg: Leg) -> bool:
    """Tell whether somebody was talked with: answered, and put together with another leg.

    Time billed says nothing, since menus and queues answer too; nor does a bridge alone, since
    ringing tones are bridged.
    """
    return leg.answered is not None and bool(leg.bridged_to)


def talk_of(leg: Leg) -> int:
    """Return for how long a leg was talked with, in milliseconds."""
    since = max(leg.answered or leg.started, leg.bridged or 0)
    return max(0, (leg.ended or since) - since)


def who(leg: Leg) -> str:
    """Return who is at the end of a leg: an agent, a phone, a number outside."""
    return (leg.stay.agent if leg.stay else "") or leg.phone or leg.dialled


def winner_of(legs: Iterable[Leg]) -> Leg | None:
    """Return the leg that was talked with longest."""
    spoken = (leg for leg in legs if talked(leg))
    return max(spoken, key=lambda leg: (talk_of(leg), -leg.started, leg.uuid), default=None)


def offers_of(
    legs: Iterable[Leg], winner: Leg | None, *, since: int | None = None
) -> list[BuiltOffer]:
    """Return what became of each leg that rang somebody; ``since`` when it can have rung."""
    offers = []
    for leg in legs:
        result = _offer_result(leg, winner)
        over = leg.answered if result == "answered" else leg.ended
        over = leg.started if over is None else over
        began = max(leg.started, since or 0)
        offers.append(BuiltOffer(over // 1000, who(leg), result, max(0, over - began)))
    return sorted(offers, key=lambda offer: (offer.at, offer.agent, offer.result, offer.ring_ms))


def _offer_result(leg: Leg, winner: Leg | None) -> str:
    if talked(leg):
        return "answered"
    result = _CAUSES.get(leg.cause, _FAILED)[1]
    if result in ("cancelled", "no_answer") and winner is not None and winner.answered is not None:
        raced = leg.ended is not None and abs(leg.ended - winner.answered) <= _TOUCH_MS
        return "taken_by_other" if raced else result
    return result
