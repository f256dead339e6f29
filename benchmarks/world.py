"""A large outsourcer, made up from a seed: the same rows on every machine and on every database.

300 projects whose traffic falls off as Zipf says: 60 of them have ended, 10 are tiny and old. 50
small companies stand beside it. Rows are tuples of texts and numbers as both databases take them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

SEED = 20261122
END = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
DAYS = 730
PROJECTS, ENDED, TINY, SMALL_COMPANIES = 300, 60, 10, 50
TINY_VISITS = 40
OPERATORS = 2_000
SMALL_SHARE = 0.05

# From eight in the morning: how the visits of a day fall on its hours.
_HOURS = (2, 4, 7, 9, 9, 8, 7, 7, 8, 7, 6, 5, 3, 2)
_WEEK = (1.15, 1.05, 1.0, 0.98, 0.95, 0.38, 0.24)
_RESULTS = ("answered",) * 82 + ("abandoned",) * 9 + ("timed_out",) * 4 + ("no_answer",) * 3
_RESULTS += ("busy", "failed")

# Prices of the whole country, of its mobile numbers, and of some of these from a day on.
_BY_MINUTE = [
    "+48 0.05",
    "+485 0.07",
    *(f"+4850{n} 0.0{n + 1} from 2026-0{n + 1}-01" for n in range(9)),
]
_BY_SECOND = [f"+485{n:02} 0.04{n:02} per second setup 0.01" for n in range(100)]
PROVIDERS = (
    ("First", "PLN", _BY_MINUTE),
    ("Second", "PLN", _BY_SECOND),
    ("Third", "EUR", _BY_MINUTE),
    ("Fourth", "EUR", [*_BY_MINUTE, *_BY_SECOND]),
)

Row = tuple[Any, ...]
VISIT = [
    "company_id",
    "id",
    "project_id",
    "call_id",
    "source_id",
    "ordinal",
    "kind",
    "started_at",
    "answered_at",
    "ended_at",
    "direction",
    "result",
    "wait_s",
    "talk_s",
    "ended_by",
    "number",
    "digits",
    "digits_reversed",
    "caller_name",
    "queue_raw",
    "agent_raw",
    "queue_id",
    "dialer_id",
    "operator_id",
    "provider_id",
    "first_in_project",
    "crosses_projects",
    "only_visit",
]


@dataclass
class Project:
    """A project and what its visits are made of; days are counted from the first one."""

    id: str
    name: str
    weight: float
    first_day: int
    last_day: int
    tiny: bool = False
    queues: list[tuple[str, str]] = field(default_factory=list)
    dialers: list[tuple[str, str]] = field(default_factory=list)
    operators: list[tuple[str, str]] = field(default_factory=list)
    provider: str | None = None  # over whose lines its dialers call

    @property
    def ended(self) -> bool:
        return self.last_day < DAYS and not self.tiny


@dataclass
class Provider:
    """A SIP provider and its prices, a line for each."""

    id: str
    name: str
    currency: str
    prices: list[str]
    projects: list[Project] = field(default_factory=list)


class World:
    """Everything that is decided before the first visit."""

    def __init__(self, visits: int) -> None:
        self.visits = visits
        self.chance = random.Random(SEED)
        self.start = END - dt.timedelta(days=DAYS)
        self.source_id = self.new_id()
        self.operators = [(self.new_id(), f"Operator {n}") for n in range(OPERATORS)]
        self.projects = self._projects()
        self.small = {
            company: Project(self.new_id(), "Only", 1.0, 0, DAYS)
            for company in range(2, SMALL_COMPANIES + 2)
        }
        self.providers = [Provider(self.new_id(), *each) for each in PROVIDERS]
        for rank, project in enumerate(self.projects):  # one in five is of no known provider
            if provider := dict(enumerate(self.providers)).get(rank % (len(PROVIDERS) + 1)):
                project.provider = provider.id
                provider.projects.append(project)

    def new_id(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def _projects(self) -> list[Project]:
        ranks = list(range(20, PROJECTS - TINY))
        ended = set(self.chance.sample(ranks, ENDED))
        made = [self._project(rank, rank in ended) for rank in range(PROJECTS)]
        for number, operator in enumerate(self.operators):  # the big ones have most, all have some
            home = number if number < PROJECTS else self._any_project()
            for rank in {home, self._any_project()}:
                made[rank].operators.append(operator)
        return made

    def _any_project(self) -> int:
        return min(int(PROJECTS ** self.chance.random()) - 1, PROJECTS - 1)

    def _project(self, rank: int, ended: bool) -> Project:
        tiny = rank >= PROJECTS - TINY
        last_day = self.chance.randrange(30, 60) if tiny else DAYS
        if ended:
            last_day = self.chance.randrange(180, 540)
        project = Project(
            self.new_id(), f"Project {rank + 1}", 1 / (rank + 1), 0, last_day, tiny=tiny
        )
        for number in range(self.chance.randint(1, 5)):
            project.queues.append((self.new_id(), f"Queue {rank + 1}.{number + 1}"))
        project.dialers.append((self.new_id(), f"Dialer {rank + 1}"))
        return project

    @cached_property
    def numbers(self) -> int:
        """How many parties call: one in ten visits is somebody's first."""
        return max(1000, self.visits // 3)

    @cached_property
    def rare_operator(self) -> tuple[str, str]:
        """Somebody of the smallest project that still runs."""
        return next(p.operators[-1] for p in reversed(self.projects) if not p.tiny and not p.ended)


def visits(world: World) -> Iterator[Row]:
    """Yield all visits in order of time."""
    chance = random.Random(SEED + 1)
    return itertools.chain.from_iterable(
        _day(world, chance, day, count) for day, count in enumerate(_by_day(world))
    )


def _by_day(world: World) -> list[int]:
    weights = [_WEEK[(world.start + dt.timedelta(days=n)).weekday()] for n in range(DAYS)]
    return [round(world.visits * weight / sum(weights)) for weight in weights]


def _day(world: World, chance: random.Random, day: int, count: int) -> Iterator[Row]:
    midnight = world.start + dt.timedelta(days=day)
    open_ = [p for p in world.projects if day < p.last_day and not p.tiny]
    small = round(count * SMALL_SHARE)
    owners: list[tuple[int, Project]] = [
        (1, p) for p in chance.choices(open_, [p.weight for p in open_], k=count - small)
    ]
    owners += chance.choices(list(world.small.items()), k=small)
    for p in world.projects:
        if p.tiny and day < p.last_day:
            owners += [(1, p)] * (chance.random() < TINY_VISITS / p.last_day)
    chance.shuffle(owners)
    hours = chance.choices(range(8, 8 + len(_HOURS)), _HOURS, k=len(owners))
    moments = sorted(hour * 3_600_000_000 + chance.randrange(3_600_000_000) for hour in hours)
    for moment, (company, project) in zip(moments, owners, strict=True):
        yield _visit(world, chance, midnight + dt.timedelta(microseconds=moment), company, project)


def _visit(
    world: World, chance: random.Random, at: dt.datetime, company: int, project: Project
) -> Row:
    identifier = f"{int(at.timestamp() * 1000):012x}7{chance.getrandbits(76):019x}"
    outbound = chance.random() < 0.3
    result = chance.choice(_RESULTS)
    answered = result == "answered"
    wait = int(chance.expovariate(1 / 25))
    talk = int(chance.expovariate(1 / 180)) if answered else None
    digits = f"48{500_000_000 + int(world.numbers * chance.random() ** 2) * 7:09}"
    operator = chance.choice(project.operators) if answered and project.operators else None
    dialer = chance.choice(project.dialers) if outbound and project.dialers else None
    queue = chance.choice(project.queues) if not dialer and project.queues else None
    unassigned = chance.random() < 0.01
    return (
        company,
        identifier,
        None if unassigned else project.id,
        identifier,
        world.source_id,
        1,
        "queue" if queue else "direct",
        _text(at),
        _text(at + dt.timedelta(seconds=wait)) if answered else None,
        _text(at + dt.timedelta(seconds=wait + (talk or 0))),
        "out" if outbound else "in",
        result,
        wait,
        talk,
        "caller" if answered else None,
        f"+{digits}",
        digits,
        digits[::-1],
        "",
        queue[1] if queue else None,
        operator[1] if operator else None,
        queue[0] if queue and not unassigned else None,
        dialer[0] if dialer and not unassigned else None,
        operator[0] if operator else None,
        project.provider if dialer else None,
        1,
        0,
        1,
    )


def _text(moment: dt.datetime) -> str:
    """Write a time as SQLAlchemy keeps it in SQLite; PostgreSQL reads it in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
