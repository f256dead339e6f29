"""What one operator did when, from their events and talks. Plain values, no database; times in UTC.

The rules:

* Whoever is a member of a queue (or has signed in) is online, and so is who talks.
* Each moment has one status. Talk goes before everything. Else an operator is *ready* while a queue
  of theirs is not paused, for the projects of these queues alone; and *away* (or in *after-call*
  work, which the reason tells) when all are, for the projects of the queues with the reason given
  last. So a pause in one queue, and its reason, is never told to who sees only another.
* A pause of a queue that nobody saw them join makes them a member of it: static members are in no
  log. Who signs in as an agent stands by for the queues whose calls they took meanwhile.
* What is left open ends with the exchange's start, with a sign-out, and else with the last sign of
  the operator before a silence of :data:`SILENCE_S`, or before they joined a queue that they had
  never left; at the end of the log it goes on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from portal.calls.sources.records import QueueEvent
from portal.calls.stamping import WORD_LENGTH
from portal.database import search_key
from portal.statuses.models import AFTER_CALL, AWAY, READY, REASON_LENGTH, TALK

SILENCE_S = 12 * 3600
# Whoever joins a queue that they never left, so long after the last sign, had been away.
_REJOINED_S = 3600
# A clock that is put right by less is not a day gone by.
_CLOCK_S = 60
_AFTER_CALL = {
    *("acw", "wrap", "wrapup", "wrapuptime", "aftercall", "aftercallwork", "postcall"),
    "dispo",
    *("porozmowie", "popolaczeniu", "cagrisonrasi", "gorusmesonrasi"),
}
# The source, the kind of its word, and the word; an empty word: whichever it turns out.
Queue = tuple[uuid.UUID, str, str]
_ANY = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """One event of an operator, or of their exchange, in the order of its log."""

    source_id: uuid.UUID
    event: QueueEvent


@dataclass(frozen=True, slots=True)
class Talk:
    start: int
    end: int
    queue: Queue | None
    project_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One status from ``start`` to ``end``. ``project_ids`` are known of talk only."""

    status: str
    reason: str
    start: int
    end: int
    queues: frozenset[Queue] = frozenset()
    project_ids: frozenset[uuid.UUID] = frozenset()
    begins: bool = True
    going_on: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    going_on: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """``settled``: nothing is open any more where the next known presence begins."""

    pieces: list[Piece]
    presences: list[Span]
    settled: bool


def build(
    signs: Sequence[Sign],
    talks: Sequence[Talk],
    *,
    known_until: Mapping[uuid.UUID, int],
    until: int | None = None,
) -> Built:
    """Build the time of one operator who was not online before the first of these.

    ``known_until``: how far the log of each source is known. ``until``: where the next presence
    begins that was built before.
    """
    walk = _Walk()
    for at, sign in _in_time(signs, talks):
        walk.take(at, sign)
    settled = walk.finish(known_until, until)
    spoken = _spoken(talks)
    presences = _presences([*walk.spans, *(Span(p.start, p.end) for p in spoken)])
    standing = _resolved(walk.pieces, presences, talks)
    pieces = sorted(chain(_around(standing, spoken), spoken), key=lambda p: (p.start, p.end))
    return Built(pieces, presences, settled)


def is_after_call(reason: str) -> bool:
    """Tell by the reason of a pause whether it is for what is left to do after a call."""
    return "".join(letter for letter in search_key(reason) if letter.isalpha()) in _AFTER_CALL


def _in_time(signs: Sequence[Sign], talks: Sequence[Talk]) -> Iterator[tuple[int, Sign | None]]:
    """Yield events and the ends of talks by time; events of one second in the order of the log."""
    marked: list[tuple[int, Sign | None]] = []
    reached: dict[uuid.UUID, int] = {}
    for sign in signs:
        before, at = reached.get(sign.source_id, 0), sign.event.at
        if before - _CLOCK_S <= at < before:
            at = before
        reached[sign.source_id] = at
        marked.append((at, sign))
    marked += [(at, None) for talk in talks for at in (talk.start, talk.end)]
    yield from sorted(marked, key=lambda one: one[0])


@dataclass(slots=True)
class _Walk:
    """Follows one operator through their events: which queues they are a member of."""

    members: dict[Queue, str | None] = field(default_factory=dict)  # with the reason of its pause
    last: int = 0  # the last sign of them
    online_since: int = 0
    standing: Piece | None = None
    pieces: list[Piece] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def take(self, at: int, sign: Sign | None) -> None:
        if self.members and at - self.last > SILENCE_S:
            self._leave(list(self.members), self.last)
        if sign is None:
            self.last = at
            return
        online = bool(self.members)
        self._apply(at, sign.source_id, sign.event)
        if online or self.members:
            self.last = at
        self._stand(at)

    def finish(self, known_until: Mapping[uuid.UUID, int], until: int | None) -> bool:
        """Close what is open; tell whether the time after it is not touched."""
        if not self.members:
            return True
        if until is not None:
            if until - self.last <= SILENCE_S:
                return False
            self._leave(list(self.members), self.last)
            return True
        end = max([self.last, *(known_until.get(source, 0) for source, *_ in self.members)])
        going_on = end - self.last <= SILENCE_S
        self._leave(list(self.members), end if going_on else self.last, going_on=going_on)
        return True

    def _apply(self, at: int, source_id: uuid.UUID, event: QueueEvent) -> None:
        named = event.queue[:WORD_LENGTH] if event.queue != "NONE" else _ANY
        queue = (source_id, event.kind, named)
        mine = [one for one in self.members if one[0] == source_id]
        reason = event.data[0].strip()[:REASON_LENGTH] if event.data else ""
        match event.verb:
            case "QUEUESTART" | "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF":
                self._leave(mine, at)
            case "REMOVEMEMBER":
                self._leave([queue], at)
            case "ADDMEMBER" | "AGENTLOGIN" | "AGENTCALLBACKLOGIN":
                if queue in self.members and at - self.last > _REJOINED_S:
                    self._leave(mine, self.last)
                if named or not mine:
                    self._put(at, queue, "" if reason == "PAUSED" else None)
            case "PAUSE" | "PAUSEALL":
                for one in [queue] if named else mine or [queue]:
                    self._put(at, one, reason)
            case "UNPAUSE" | "UNPAUSEALL":
                for one in [queue] if named else mine or [queue]:
                    self._put(at, one, None)

    def _put(self, at: int, queue: Queue, reason: str | None) -> None:
        """Let a queue be the last of which something was said."""
        if not self.members:
            self.online_since = at
        self.members.pop(queue, None)
        if not self.members or queue[2]:
            self.members.pop((queue[0], queue[1], _ANY), None)
        self.members[queue] = reason

    def _leave(self, queues: Iterable[Queue], at: int, *, going_on: bool = False) -> None:
        online = bool(self.members)
        for queue in queues:
            self.members.pop(queue, None)
        if online and not self.members:
            self.spans.append(Span(self.online_since, at, going_on))
        self._stand(at, going_on=going_on)

    def _stand(self, at: int, *, going_on: bool = False) -> None:
        """Note what the operator is doing from now on."""
        now, before = self._status(at), self.standing
        if now and before and _same(now, before) and now.queues == before.queues:
            return
        if before is not None and (at > before.start or going_on):
            self.pieces.append(replace(before, end=at, going_on=going_on))
        if now is not None and self.pieces:
            then = self.pieces[-1]
            if then.end == at and _same(then, now):
                now = replace(now, begins=False)
                if then.queues == now.queues:  # what was between took no time
                    now = self.pieces.pop()
        self.standing = now

    def _status(self, at: int) -> Piece | None:
        if not self.members:
            return None
        free = frozenset(queue for queue, reason in self.members.items() if reason is None)
        if free:
            return Piece(READY, "", at, at, free)
        reason = list(self.members.values())[-1] or ""
        queues = frozenset(queue for queue, told in self.members.items() if told == reason)
        return Piece(AFTER_CALL if is_after_call(reason) else AWAY, reason, at, at, queues)


def _same(one: Piece, other: Piece) -> bool:
    return (one.status, one.reason) == (other.status, other.reason)


def _spoken(talks: Sequence[Talk]) -> list[Piece]:
    """Return the talks as statuses, each cut to what is left by those before it."""
    spoken: list[Piece] = []
    free = 0
    for talk in sorted(talks, key=lambda t: (t.start, t.end, str(t.queue), str(t.project_id))):
        start = max(talk.start, free)
        if talk.end > start:
            queues = frozenset([talk.queue] if talk.queue else [])
            of = frozenset([talk.project_id] if talk.project_id else [])
            spoken.append(Piece(TALK, "", start, talk.end, queues, of))
            free = talk.end
    return spoken


def _presences(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if joined and span.start <= joined[-1].end:
            last = joined[-1]
            going_on = last.going_on or span.going_on
            joined[-1] = Span(last.start, max(last.end, span.end), going_on)
        else:
            joined.append(span)
    return joined


def _resolved(
    pieces: Iterable[Piece], presences: Sequence[Span], talks: Sequence[Talk]
) -> Iterator[Piece]:
    """Say of who signed in without naming a queue for which queues they stood by."""
    for piece in pieces:
        open_to = {source for source, _, word in piece.queues if word == _ANY}
        if open_to:
            online = next(p for p in presences if p.start <= piece.start <= p.end)
            took = {
                talk.queue
                for talk in talks
                if talk.queue
                and talk.queue[0] in open_to
                and online.start <= talk.start <= online.end
            }
            piece = replace(piece, queues=frozenset(q for q in piece.queues if q[2]) | took)
        yield piece


def _around(pieces: Iterable[Piece], spoken: Sequence[Piece]) -> Iterator[Piece]:
    """Cut talks out of statuses; what follows a talk goes on, it does not begin."""
    place = 0
    for piece in pieces:
        while place < len(spoken) and spoken[place].end <= piece.start:
            place += 1
        start, begins, following = piece.start, piece.begins, place
        while following < len(spoken) and spoken[following].start < piece.end:
            talk = spoken[following]
            if talk.start > start:
                yield replace(piece, start=start, end=talk.start, begins=begins, going_on=False)
                begins = False
            start, following = max(start, talk.end), following + 1
        if start < piece.end or (piece.going_on and start == piece.end):
            yield replace(piece, start=start, begins=begins)
