"""The seven people for whom the pages are measured, and the pages."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from benchmarks.world import DAYS, END, SEED, Project, World
from portal.calls.log.filters import Filters
from portal.calls.log.plans import Key
from portal.periods import CUSTOM, Period

MISSED = ("abandoned", "timed_out", "no_answer")


@dataclass(frozen=True)
class Viewer:
    name: str
    id: str
    projects: tuple[Project, ...] = ()
    sees_all: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.org"


def viewers(world: World) -> list[Viewer]:
    chance = random.Random(SEED + 2)
    all_ = world.projects
    ended = [p for p in all_ if p.ended]
    five = (all_[1], all_[18], all_[140], ended[30], all_[-4])

    def viewer(name: str, *projects: Project, sees_all: bool = False) -> Viewer:
        return Viewer(name, f"{chance.getrandbits(128):032x}", projects, sees_all)

    return [
        viewer("everything", sees_all=True),
        viewer("one big", all_[0]),
        viewer("one tiny and old", all_[-1]),
        viewer("five mixed", *five),
        viewer("100 projects", *chance.sample(all_[1:], 100)),
        viewer("299 projects", *all_[1:]),
        viewer("sixty ended", *ended),
    ]


@dataclass(frozen=True)
class Page:
    """What a viewer asks of the call log: filters, and where the page before ended.

    ``rare``: what it finds is so little that its cost is held to milliseconds, not to a ratio.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    days: tuple[int, int] = (0, DAYS)  # from the first day of all
    before_day: int | None = None
    rare: bool = False

    @property
    def filters(self) -> Filters:
        start = END - dt.timedelta(days=DAYS - self.days[0])
        end = END - dt.timedelta(days=DAYS - self.days[1])
        last = end - dt.timedelta(days=1)
        return Filters(Period(CUSTOM, start.date(), last.date(), start, end), **self.arguments)

    @property
    def before(self) -> Key | None:
        if self.before_day is None:
            return None
        return END - dt.timedelta(days=DAYS - self.before_day), uuid.UUID(int=0)


def pages(world: World) -> list[Page]:
    """Return the pages; some match nothing that most viewers see."""
    operator = uuid.UUID(world.rare_operator[0])
    big = world.projects[0]
    return [
        Page("first"),
        Page("last 7 days", days=(DAYS - 7, DAYS)),
        Page("deep", before_day=DAYS // 2),
        Page("dated", days=(200, 230)),
        Page("missed only", {"results": MISSED}),
        Page("nothing visible", {"queue_ids": (uuid.UUID(big.queues[0][0]),)}),
        Page("rare operator", {"operator_ids": (operator,)}, rare=True),
        Page("number by its end", {"digits": "01407"}, rare=True),
        Page("number by its start", {"digits": "48500003"}, rare=True),
    ]
