"""Ninety days of work as an Asterisk would have logged it: a queue_log and a Master.csv.

The demo imports these like any customer's files; nothing is written past the importer.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from portal.demo import dialling, dialplan
from portal.demo.cast import CAMPAIGNS, THEMES, Campaign, Theme
from portal.demo.shifts import AFTER_CALL, Shift, shifts

FILES = ("queue_log", "Master.csv")

_ZONES = {
    "pl": ZoneInfo("Europe/Warsaw"),
    "tr": ZoneInfo("Europe/Istanbul"),
    "en": ZoneInfo("Europe/London"),
}
# Numbers that no network hands out: a Polish and a Turkish gap, and Ofcom's range for drama.
_NUMBERS = {"pl": ("+48500000", 3), "tr": ("+9050000", 5), "en": ("+447700900", 3)}
_WEEKDAYS = (1.15, 1.05, 1.0, 0.98, 0.95, 0.38, 0.24)
_LUNCH, _MORNING, _AFTERNOON = 12.6, 10.4, 14.8
# Before the first calls and after the last ones somebody is there.
_MARGIN_H = 0.5
_AFTER_CALL_SHARE = 0.1
# Of how many of the last days the exchange tells who comes, pauses and goes.
LOGGED_DAYS = 14


@dataclass
class Team:
    """The operators of a theme, who works today, and until when each is busy (epoch seconds)."""

    theme: Theme
    queues: list[str]
    agents: dict[str, str]  # name and phone
    busy: dict[str, float] = field(default_factory=dict)
    on_duty: dict[str, Shift] = field(default_factory=dict)

    def working(self, now: float) -> list[str]:
        """Return who is on duty; where nobody is, anybody comes."""
        shifts = {agent: self.on_duty[agent] for agent in self.agents if agent in self.on_duty}
        working = [agent for agent, shift in shifts.items() if shift.start <= now < shift.end]
        return working or list(self.agents)

    def next_free(self, now: float, chance: random.Random) -> tuple[str, float]:
        """Return who is free first, and when; among several who are free, anybody."""
        working = self.working(now)
        free = [agent for agent in working if self.busy.get(agent, 0) <= now]
        if free:
            return chance.choice(free), now
        agent = min(working, key=lambda name: self.busy[name])
        return agent, self.busy[agent]


def written(
    teams: list[Team], last: dt.datetime, days: int, seed: int
) -> Iterator[tuple[str, str]]:
    """Yield file and line of ``days`` days up to ``last``, in the order in which they came."""
    chance = random.Random(seed)  # noqa: S311  # the same calls each time, nothing secret
    first = last.date() - dt.timedelta(days=days - 1)
    serial = 0
    for number in range(days):
        events: list[tuple[float, int, str, str]] = []
        day = first + dt.timedelta(days=number)
        for moment, team, what in _day(teams, day, chance, logged=days - number <= LOGGED_DAYS):
            if moment >= last.timestamp():
                continue
            serial += 1
            if not isinstance(what, Campaign):
                told = (
                    _told(_call(teams, team, moment, serial, chance), team, serial, days - number)
                    if what is None
                    else _worked(team, what, moment)
                )
                for at, text in told:
                    events.append((at, len(events), "queue_log", f"{int(at)}|{text}"))
            else:
                at, text = _attempt(team, what, moment, serial, chance)
                events.append((at, len(events), "Master.csv", text))
        for at, _order, file, text in sorted(events):
            if at < last.timestamp():
                yield file, text


def _told(
    events: Iterator[tuple[float, str]], team: Team, serial: int, days_left: int
) -> Iterator[tuple[float, str]]:
    """Yield the events of a call, and with those of the last days what the dialplan adds."""
    for place, (at, text) in enumerate(events):
        call, queue, agent, verb = text.split("|")[:4]
        if place == 0 and days_left <= dialplan.MENU_DAYS:
            yield from dialplan.before_queue(team.theme, call, at, serial)
        yield at, text
        if verb.startswith("COMPLETE") and days_left <= dialplan.TAG_DAYS:
            for tag in dialplan.tags(team.theme, call, queue, agent, serial):
                yield at, tag


def _day(
    teams: list[Team], day: dt.date, chance: random.Random, *, logged: bool
) -> list[tuple[float, Team, Campaign | Shift | None]]:
    """Return one day by time: the calls that come, those that a campaign makes, and the work."""
    moments: list[tuple[float, int, Campaign | Shift | None]] = []
    for index, team in enumerate(teams):
        for shift in _on_duty(teams, team, day, chance):
            shift.logged = logged
            moments += [(shift.start, index, shift), (shift.end, index, shift)]
            moments += [(pause[0], index, shift) for pause in shift.pauses]
    for index, team in enumerate(teams):
        moments += [(moment, index, None) for moment in _arrivals(team.theme, day, chance)]
    for campaign in CAMPAIGNS:
        midnight = _midnight(THEMES[campaign.theme], day)
        for hour in dialling.hours_of(campaign, day, chance):
            moments.append((midnight + hour * 3600, campaign.theme, campaign))
    moments.sort(key=lambda one: one[:2])
    return [(moment, teams[index], what) for moment, index, what in moments]


def _on_duty(teams: list[Team], team: Team, day: dt.date, chance: random.Random) -> list[Shift]:
    """Say who of a team works today; whoever is in two teams stands by for the queues of both."""
    before = teams[: teams.index(team)]
    known = {name: shift for other in before for name, shift in other.on_duty.items()}
    team.on_duty = {name: shift for name, shift in known.items() if name in team.agents}
    if any(other.agents.keys() & team.agents.keys() for other in before):
        return []
    beside = [other for other in teams if other.agents.keys() == team.agents.keys()][:2]
    queues = [queue for one in beside for queue in one.queues]
    midnight = _midnight(team.theme, day)
    opens = min(one.theme.hours[0] for one in beside) - _MARGIN_H
    closes = max(one.theme.hours[1] for one in beside) + _MARGIN_H
    hours = (midnight + opens * 3600, midnight + closes * 3600)
    found = shifts(team.agents, queues, team.theme.language, day.weekday(), hours, chance)
    team.on_duty = {shift.agent: shift for shift in found}
    return found


def _worked(team: Team, shift: Shift, moment: float) -> Iterator[tuple[float, str]]:
    """Yield that somebody comes, goes, or pauses, once they have finished their call."""
    free = max(moment, team.busy.get(shift.agent, 0) + 2)
    if moment == shift.start:
        yield from shift.joined()
    elif moment == shift.end:
        yield from shift.left(free)
    else:
        reason, seconds = next((why, s) for at, why, s in shift.pauses if at == moment)
        if free + seconds < shift.end:
            team.busy[shift.agent] = free + seconds
            yield from shift.paused(free, reason, seconds)


def _midnight(theme: Theme, day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), _ZONES[theme.language]).timestamp()


def _arrivals(theme: Theme, day: dt.date, chance: random.Random) -> list[float]:
    """Return when the calls of one day come: two peaks, a dip at lunch, few on Sundays."""
    opens, closes = theme.hours
    mean = theme.daily * _WEEKDAYS[day.weekday()] * chance.uniform(0.88, 1.12)
    midnight = _midnight(theme, day)
    moments = []
    for _ in range(max(0, round(chance.gauss(mean, math.sqrt(mean))))):
        while True:
            hour = chance.uniform(opens - 0.4, closes + 0.4)
            if chance.random() < _load(hour, opens, closes):
                break
        moments.append(midnight + hour * 3600)
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
    number = number_of(team.theme, chance)
    queue = chance.choice(team.queues)
    yield start, f"{call}|{queue}|NONE|ENTERQUEUE||{number}|1"
    patience = 8 + chance.expovariate(1 / team.theme.patience)
    agent, free_at = team.next_free(start, chance)
    answer = max(start, free_at) + chance.uniform(3, 14)
    if chance.random() < 0.13 and answer - start < patience:
        yield start + 2, f"{call}|{queue}|{chance.choice(team.working(start))}|RINGNOANSWER|15000"
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
    shift = team.on_duty.get(agent)
    if shift and shift.start <= start and chance.random() < _AFTER_CALL_SHARE:
        yield from shift.paused(end + 1, AFTER_CALL, team.busy[agent] - end - 1)
    verb = "COMPLETECALLER" if chance.random() < 0.62 else "COMPLETEAGENT"
    yield end, f"{call}|{queue}|{agent}|{verb}|{wait}|{talk}|1"


def number_of(theme: Theme, chance: random.Random) -> str:
    prefix, digits = _NUMBERS[theme.language]
    return f"{prefix}{chance.randrange(10**digits):0{digits}d}"


def _attempt(
    team: Team, campaign: Campaign, start: float, serial: int, chance: random.Random
) -> tuple[float, str]:
    """Return when a dialer's call was over, and its row; the dialer waits for a free operator."""
    agent, free_at = team.next_free(start, chance)
    start = max(start, free_at + 1)
    local = dt.datetime.fromtimestamp(start, _ZONES[team.theme.language])
    attempt = dialling.Attempt(campaign, local.hour + local.minute / 60, chance)
    end = start + attempt.ring + attempt.talk
    team.busy[agent] = end + chance.uniform(5, 30)
    phone, number = team.agents[agent], number_of(team.theme, chance)
    return end, attempt.row(campaign, phone, number, start, serial)


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
