"""What evidence is built into: calls, visits, offers. Plain values, no database. Times in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Seconds = int  # since the epoch, or long


@dataclass(slots=True)
class BuiltOffer:
    """One attempt to hand a visit to an operator; ``at`` is when it was over."""

    at: Seconds
    agent: str
    result: str  # one of OFFER_RESULTS
    ring_ms: int | None = None


@dataclass(slots=True)
class BuiltVisit:
    """One stay in one queue, or one part of a call outside queues; see the Visit model."""

    key: str  # names the visit within its source, whatever else is known of the call
    kind: str
    started: Seconds
    queue: str | None = None
    agent: str | None = None
    answered: Seconds | None = None
    ended: Seconds | None = None
    result: str = "in_progress"
    wait: Seconds | None = None
    talk: Seconds | None = None
    ended_by: str | None = None
    transferred_to: str | None = None
    offers: list[BuiltOffer] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)

    def put_in_order(self) -> None:
        """Let no part end before it began: the clock may have been put back meanwhile."""
        if self.answered is not None and self.answered < self.started:
            self.answered = self.started + (self.wait or 0)
        begun = self.started if self.answered is None else self.answered
        if self.ended is not None and self.ended < begun:
            self.ended = begun + (self.talk or 0)


@dataclass(slots=True)
class BuiltStep:
    """One step of a scenario that a call went through; see the ScenarioStep model."""

    thread: str
    ordinal: int  # within the thread; 1 is the first
    scenario: str
    step: str
    at: Seconds
    ended: Seconds | None = None
    exit: str = "open"


@dataclass(slots=True)
class BuiltCall:
    """One call with its visits in order, and everything it is known by."""

    key: str  # the id of the call's first channel
    threads: frozenset[str]
    started: Seconds
    ended: Seconds | None
    direction: str
    number: str
    caller_name: str
    did: str | None
    trunk: str | None
    account: str
    context: str
    user_field: str
    result: str
    wait: Seconds | None
    talk: Seconds | None
    visits: list[BuiltVisit]


def wait_in(visits: Sequence[BuiltVisit], whole: Seconds | None) -> Seconds | None:
    """Return the caller's wait until the first answer, or for the ``whole`` call without one."""
    answered = next((place for place, one in enumerate(visits) if one.result == "answered"), None)
    if answered is None and whole is not None:
        return whole
    until = visits if answered is None else visits[: answered + 1]
    waits = [visit.wait for visit in until]
    return None if None in waits else sum(wait for wait in waits if wait is not None)


def talk_in(visits: Iterable[BuiltVisit]) -> Seconds | None:
    """Return all talk of a call together."""
    talks = [visit.talk for visit in visits if visit.result == "answered"]
    if talks and None in talks:
        return None
    return sum(talk for talk in talks if talk is not None)


def utc(seconds: Seconds) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
