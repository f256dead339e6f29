"""When the demo's operators work and pause: who is on duty, and the lines of it in a queue_log."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Of eight operators: how many work on each weekday.
_STAFF = (5, 5, 4, 4, 4, 2, 1)
_HOURS = 8.5
# Reasons of pauses, as the exchange's own buttons are called, and about how many minutes they take.
_PAUSES = {
    "pl": (("Obiad", 30), ("Przerwa", 12), ("Szkolenie", 45)),
    "tr": (("Öğle yemeği", 35), ("Mola", 12), ("Eğitim", 40)),
    "en": (("Lunch", 30), ("Break", 12), ("Training", 45)),
}
# Where in a shift they fall, and on what share of days.
_PLACES = ((0.45, 1.0), (0.75, 0.6), (0.2, 0.06))
AFTER_CALL = "ACW"
_FORGETS = 0.02  # to leave the queues in the evening


@dataclass
class Shift:
    """One operator's day: from when to when (epoch seconds), for which queues, with which pauses.

    ``pauses``: when, why, and for how many seconds.
    """

    agent: str
    start: float
    end: float
    queues: list[str]
    pauses: list[tuple[float, str, float]] = field(default_factory=list)
    leaves: bool = True
    logged: bool = True  # the exchange has not always told who comes and goes

    def joined(self) -> Iterator[tuple[float, str]]:
        yield from self._each(self.start, "ADDMEMBER|")

    def left(self, at: float) -> Iterator[tuple[float, str]]:
        if self.leaves:
            yield from self._each(at, "REMOVEMEMBER|")

    def paused(self, at: float, reason: str, seconds: float) -> Iterator[tuple[float, str]]:
        """Yield a pause in all queues, as Asterisk logs it: once for all, then for each."""
        if not self.logged:
            return
        for moment, verb, why in ((at, "PAUSE", reason), (at + seconds, "UNPAUSE", "")):
            yield moment, f"NONE|NONE|{self.agent}|{verb}ALL|{why}"
            yield from self._each(moment, f"{verb}|{why}")

    def _each(self, at: float, event: str) -> Iterator[tuple[float, str]]:
        for queue in self.queues if self.logged else ():
            yield at, f"NONE|{queue}|{self.agent}|{event}"


def shifts(
    agents: Iterable[str],
    queues: list[str],
    language: str,
    weekday: int,
    hours: tuple[float, float],
    chance: random.Random,
) -> list[Shift]:
    """Return who works on a day between ``hours`` (epoch seconds): the early ones and the late."""
    opens, closes = hours
    on_duty = chance.sample(sorted(agents), min(_STAFF[weekday], len(list(agents))))
    found = []
    for number, agent in enumerate(on_duty):
        start = opens if number % 2 == 0 else closes - _HOURS * 3600
        start += chance.uniform(-600, 240)
        own = [queue for place, queue in enumerate(queues) if place != number % 3] or queues
        shift = Shift(agent, start, start + _HOURS * 3600, own if len(queues) > 2 else queues)
        shift.leaves = chance.random() >= _FORGETS
        for (place, share), (reason, minutes) in zip(_PLACES, _PAUSES[language], strict=True):
            if chance.random() < share:
                at = start + (place + chance.uniform(-0.08, 0.08)) * _HOURS * 3600
                shift.pauses.append((at, reason, minutes * chance.uniform(42, 78)))
        found.append(shift)
    return found
