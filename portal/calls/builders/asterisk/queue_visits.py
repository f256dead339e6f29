"""From the events of a queue log to visits.

A visit is (call id, queue) from ENTERQUEUE to its first ending event. Events are read in the order
of the log and never sorted: seconds tie, and clocks step back. A call may enter the next queue on
the line before it leaves the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.calls.built import BuiltOffer, BuiltVisit
from portal.calls.sources.asterisk_queue_log import TRANSFERS, seconds_of
from portal.calls.sources.records import QueueEvent
from portal.digits import whole

_ENDS = {
    "COMPLETECALLER": ("answered", "caller"),
    "COMPLETEAGENT": ("answered", "operator"),
    "BLINDTRANSFER": ("answered", "transfer"),
    "ATTENDEDTRANSFER": ("answered", "transfer"),
    "TRANSFER": ("answered", "transfer"),
    "ABANDON": ("abandoned", "caller"),
    "EXITWITHTIMEOUT": ("timed_out", "exchange"),
    "EXITEMPTY": ("queue_empty", "exchange"),
    "EXITWITHKEY": ("left_by_key", "caller"),
    "WITHDRAW": ("withdrawn", "exchange"),
    "AGENTDUMP": ("failed", "operator"),
    "SYSCOMPAT": ("failed", "exchange"),
}
_OFFERS = {"RINGNOANSWER": "no_answer", "RINGCANCELED": "cancelled"}
# A call that ends this short before the exchange starts was ended by its stop, not by a person.
_STOPPING_S = 10


@dataclass(slots=True)
class QueueVisit:
    """A visit in the making, with what only the queue log knows of it."""

    built: BuiltVisit
    call_id: str
    caller: str = ""
    caller_name: str = ""
    connected: bool = False
    ending: str | None = None  # the event that ended it
    ended_at: int | None = None
    order: int = 0


@dataclass(slots=True)
class QueueLog:
    """Reads events in order; ``visits`` are those of all calls, in the order of their beginning."""

    visits: list[QueueVisit] = field(default_factory=list)
    _open: dict[tuple[str, str], QueueVisit] = field(default_factory=dict)
    _last: dict[tuple[str, str], QueueVisit] = field(default_factory=dict)
    _times: dict[tuple[str, str], int] = field(default_factory=dict)
    _recent: list[QueueVisit] = field(default_factory=list)

    def read(self, events: Iterable[QueueEvent]) -> list[QueueVisit]:
        for event in events:
            if event.verb == "QUEUESTART":
                self._exchange_started(event)
            elif event.thread:
                self._event(event, (event.call_id, event.queue))
        return self.visits

    def _event(self, event: QueueEvent, key: tuple[str, str]) -> None:
        if event.verb == "ENTERQUEUE":
            self._enter(event, key)
        elif event.verb == "CONNECT":
            self._connect(event, self._open.get(key) or self._begun_unseen(event, key))
        elif event.verb in _OFFERS:
            visit = self._open.get(key) or self._last.get(key) or self._begun_unseen(event, key)
            self._offer(event, visit)
        elif event.verb in _ENDS:
            if key in self._open:
                self._end(event, self._open.pop(key))
            elif key in self._last:
                self._end_again(event, self._last[key])
            else:
                visit = self._begun_unseen(event, key)
                del self._open[key]
                self._end(event, visit)

    def _enter(self, event: QueueEvent, key: tuple[str, str]) -> None:
        if unended := self._open.pop(key, None):
            self._lose(unended)
        visit = self._begin(event.at, key)
        visit.caller = _text(event.data, 1)
        visit.caller_name = _text(event.data, 3)

    def _begin(self, at: int, key: tuple[str, str]) -> QueueVisit:
        times = self._times[key] = self._times.get(key, 0) + 1
        built = BuiltVisit(
            key=f"queue|{key[0]}|{key[1]}|{times}", kind="queue", started=at, queue=key[1]
        )
        visit = QueueVisit(built, call_id=key[0], order=len(self.visits))
        self.visits.append(visit)
        self._open[key] = self._last[key] = visit
        return visit

    def _begun_unseen(self, event: QueueEvent, key: tuple[str, str]) -> QueueVisit:
        """Begin a visit whose entry is in a file that was not read (yet)."""
        before = 0
        if event.verb == "CONNECT":
            before = _number(event.data, 0) or 0
        elif event.verb in _ENDS:
            wait, talk = _wait_and_talk(event)
            before = (wait or 0) + (talk or 0)
        return self._begin(event.at - before, key)

    def _connect(self, event: QueueEvent, visit: QueueVisit) -> None:
        built = visit.built
        visit.connected = True
        built.agent = event.agent
        built.result = "answered"
        built.answered = event.at
        built.wait = _number(event.data, 0)
        ring = _number(event.data, 2)
        ring_ms = None if ring is None else ring * 1000
        built.offers.append(BuiltOffer(event.at, event.agent, "answered", ring_ms))

    def _offer(self, event: QueueEvent, visit: QueueVisit) -> None:
        ring_ms = _number(event.data, 0)
        result = _OFFERS[event.verb]
        if result == "no_answer" and ring_ms == 0:
            result = "refused"  # busy, rejected, or lost a race
        visit.built.offers.append(BuiltOffer(event.at, event.agent, result, ring_ms))

    def _end(self, event: QueueEvent, visit: QueueVisit) -> None:
        built = visit.built
        result, ended_by = _ENDS[event.verb]
        wait, talk = _wait_and_talk(event)
        visit.ending, visit.ended_at = event.verb, event.at
        built.ended, built.ended_by = event.at, ended_by
        if result == "answered" and not visit.connected:
            built.agent = event.agent
            built.answered = event.at - talk if talk is not None else None
            visit.connected = True
        if built.wait is None:
            built.wait = wait if wait is not None else max(0, event.at - built.started)
        if visit.connected:
            built.result = "answered"
            built.talk = talk if talk is not None else _since(built.answered, event.at)
        else:
            built.result = result
        if event.verb in TRANSFERS:
            built.transferred_to = _transfer_target(event)
        self._recent = [v for v in self._recent if event.at - (v.ended_at or 0) <= _STOPPING_S]
        self._recent.append(visit)

    def _end_again(self, event: QueueEvent, visit: QueueVisit) -> None:
        """Attach a second ending to a visit that is over: a transfer tells more than a hang-up."""
        if event.verb in TRANSFERS and visit.ending not in TRANSFERS and visit.connected:
            visit.built.wait = visit.built.talk = None
            wait, _ = _wait_and_talk(event)
            visit.built.wait = wait
            self._end(event, visit)

    def _exchange_started(self, event: QueueEvent) -> None:
        """Whatever was up when the exchange stopped is over, nobody knows since when."""
        for visit in self._open.values():
            self._lose(visit)
        self._open.clear()
        for visit in self._recent:
            if 0 <= event.at - (visit.ended_at or 0) <= _STOPPING_S and visit.ending in (
                "COMPLETECALLER",
                "COMPLETEAGENT",
                "ABANDON",
            ):
                visit.built.ended_by = None
        self._recent = []

    @staticmethod
    def _lose(visit: QueueVisit) -> None:
        if not visit.connected:
            visit.built.result = "lost"
            visit.built.wait = None
        visit.ending = "LOST"


def _wait_and_talk(event: QueueEvent) -> tuple[int | None, int | None]:
    """Read wait and talk off an ending event, as the exchange counted them."""
    told = tuple(seconds_of(event))
    return _number(told, 0), _number(told, 1)


def _transfer_target(event: QueueEvent) -> str | None:
    if event.verb == "ATTENDEDTRANSFER":
        return _text(event.data, 1)[:128] or None if _text(event.data, 0) == "APP" else None
    return _text(event.data, 0)[:128] or None


def _since(start: int | None, end: int) -> int | None:
    return None if start is None else max(0, end - start)


def _number(data: tuple[str, ...], place: int) -> int | None:
    return whole(_text(data, place), 9)


def _text(data: tuple[str, ...], place: int) -> str:
    try:
        return data[place]
    except IndexError:
        return ""
