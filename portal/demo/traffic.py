"""Ninety days of calls as an Asterisk would have logged them: one believable queue_log.

The demo imports this text like any customer's file; nothing is written past the importer.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from portal.demo.cast import Theme

_ZONES = {
    "pl": ZoneInfo("Europe/Warsaw"),
    "tr": ZoneInfo("Europe/Istanbul"),
    "en": ZoneInfo("Europe/London"),
}
# Numbers that no network hands out: a Polish and a Turkish gap, and Ofcom's range for drama.
_NUMBERS = {"pl": ("+48500000", 3), "tr": ("+9050000", 5), "en": ("+447700900", 3)}
_WEEKDAYS = (1.15, 1.05, 1.0, 0.98, 0.95, 0.38, 0.24)
_LUNCH, _MORNING, _AFTERNOON = 12.6, 10.4, 14.8


@dataclass
class Team:
    """The operators of a theme, and until when each of them is busy (epoch seconds)."""

    theme: Theme
    queues: list[str]
    agents: list[str]
    busy: dict[str, float] = field(default_factory=dict)

    def next_free(self, now: float, chance: random.Random) -> tuple[str, float]:
        """Return who is free first, and when; among several who are free, anybody."""
        free = [agent for agent in self.agents if self.busy.get(agent, 0) <= now]
        if free:
            return chance.choice(free), now
        agent = min(self.agents, key=lambda name: self.busy[name])
        return agent, self.busy[agent]


def queue_log(teams: list[Team], last: dt.datetime, days: int, seed: int) -> Iterator[str]:
    """Yield the lines of ``days`` days up to ``last``, in the order in which they were written."""
    chance = random.Random(seed)  # noqa: S311  # the same calls each time, nothing secret
    first = last.date() - dt.timedelta(days=days - 1)
    serial = 0
    for number in range(days):
        day = first + dt.timedelta(days=number)
        arrivals = sorted(
            (moment, index)
            for index, team in enumerate(teams)
            for moment in _arrivals(team.theme, day, chance)
            if moment < last.timestamp()
        )
        events: list[tuple[float, int, str]] = []
        for moment, index in arrivals:
            serial += 1
            for at, text in _call(teams, teams[index], moment, serial, chance):
                events.append((at, len(events), text))
        for at, _order, text in sorted(events):
            if at < last.timestamp():
                yield f"{int(at)}|{text}"


def _arrivals(theme: Theme, day: dt.date, chance: random.Random) -> list[float]:
    """Return when the calls of one day come: two peaks, a dip at lunch, few on Sundays."""
    opens, closes = theme.hours
    mean = theme.daily * _WEEKDAYS[day.weekday()] * chance.uniform(0.88, 1.12)
    midnight = dt.datetime.combine(day, dt.time(), _ZONES[theme.language])
    moments = []
    for _ in range(max(0, round(chance.gauss(mean, math.sqrt(mean))))):
        while True:
            hour = chance.uniform(opens - 0.4, closes + 0.4)
            if chance.random() < _load(hour, opens, closes):
                break
        moments.append((midnight + dt.timedelta(hours=hour)).timestamp())
    return moments


def _load(hour: float, opens: int, closes: int) -> float:
    """Return how busy an hour is, from 0 to 1."""
    if not opens <= hour <= closes:
        return 0.06
    peaks = math.exp(-((hour - _MORNING) ** 2) / 4) + 0.85 * math.exp(
        -((hour - _AFTERNOON) ** 2) / 5
    )
    return min(1.0, 0.22 + 0.75 * peaks - 0.18 * math.exp(-((hour - _LUNCH) ** 2) / 0.5))


def _call(
    teams: list[Team], team: Team, start: float, serial: int, chance: random.Random
) -> Iterator[tuple[float, str]]:
    """Yield one call: its queue, who was rung, who answered, and how it ended."""
    call = f"{int(start)}.{serial}"
    prefix, digits = _NUMBERS[team.theme.language]
    number = f"{prefix}{chance.randrange(10**digits):0{digits}d}"
    queue = chance.choice(team.queues)
    yield start, f"{call}|{queue}|NONE|ENTERQUEUE||{number}|1"
    patience = 8 + chance.expovariate(1 / team.theme.patience)
    agent, free_at = team.next_free(start, chance)
    answer = max(start, free_at) + chance.uniform(3, 14)
    if chance.random() < 0.13 and answer - start < patience:
        yield start + 2, f"{call}|{queue}|{chance.choice(team.agents)}|RINGNOANSWER|15000"
        answer += chance.uniform(12, 22)
    if answer - start > patience:
        wait = int(patience)
        yield start + wait, f"{call}|{queue}|NONE|ABANDON|1|1|{wait}"
        return
    if answer - start > 240:
        yield start + 240, f"{call}|{queue}|NONE|EXITWITHTIMEOUT|1|1|240"
        return
    wait = int(answer - start)
    yield (
        start + wait,
        f"{call}|{queue}|{agent}|CONNECT|{wait}|{int(start)}.{serial}1|{min(wait, 6)}",
    )
    talk = max(9, int(chance.lognormvariate(math.log(team.theme.talk) - 0.25, 0.7)))
    team.busy[agent] = start + wait + talk + chance.uniform(15, 60)
    end = start + wait + talk
    if chance.random() < 0.03:
        other = chance.choice(teams)
        yield (
            end,
            f"{call}|{queue}|{agent}|BLINDTRANSFER|{other.queues[0]}|ext-queues|{wait}|{talk}|1",
        )
        yield from _second_visit(other, call, number, end, chance)
        return
    verb = "COMPLETECALLER" if chance.random() < 0.62 else "COMPLETEAGENT"
    yield end, f"{call}|{queue}|{agent}|{verb}|{wait}|{talk}|1"


def _second_visit(
    team: Team, call: str, number: str, start: float, chance: random.Random
) -> Iterator[tuple[float, str]]:
    """Yield what follows a transfer: a short stay in the other queue, always answered."""
    queue = team.queues[0]
    agent, free_at = team.next_free(start, chance)
    wait, talk = int(max(start, free_at) - start + 5), int(chance.uniform(40, 260))
    yield start + 1, f"{call}|{queue}|NONE|ENTERQUEUE||{number}|1"
    yield start + 1 + wait, f"{call}|{queue}|{agent}|CONNECT|{wait}|{call}2|5"
    yield start + 1 + wait + talk, f"{call}|{queue}|{agent}|COMPLETECALLER|{wait}|{talk}|1"
    team.busy[agent] = start + wait + talk + 30
