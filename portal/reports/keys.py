"""What rows are grouped by, as columns of a statement; and the keys that its rows give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from portal.periods import Period
from portal.reports import clock
from portal.reports.terms import Dimension, Fact, RollUp

Key = tuple[Any, ...]


def stride(by: Sequence[Dimension], period: Period, zone: ZoneInfo) -> int:
    """Return into stretches of how many seconds the times of raw rows are cut, if any are."""
    if not any(one.time for one in by):
        return 0
    fine = any(one.time == "quarter" for one in by)
    return clock.QUARTER_S if fine else clock.step(period, zone)


def rolled(one: Dimension) -> str:
    """Return the name of its column in roll-ups."""
    return one.key.key or one.name


def columns(by: Sequence[Dimension], fact: Fact, table: RollUp | None, stride: int) -> list[Any]:
    """Return what is grouped by: first the time, of which all dimensions of time are cut."""
    others = [
        getattr(table.columns, rolled(one)) if table else one.key for one in by if not one.time
    ]
    if len(others) == len(by):
        return others
    at = table.columns.starts_at if table else clock.Slot(fact.at, stride)
    return [at, *others]


def reader(by: Sequence[Dimension], zone: ZoneInfo, stride: int) -> Callable[[Sequence[Any]], Key]:
    """Return what makes keys of the rows that begin with :func:`columns`; no stride: of moments."""
    places = [place for place, one in enumerate(by) if not one.time]
    if len(places) == len(by):
        return lambda row: tuple(row[: len(by)])

    units = tuple(one.time for one in by)

    def read(row: Sequence[Any]) -> Key:
        found = list(_cut(units, zone, stride, row[0]))
        for column, place in enumerate(places, 1):
            found[place] = row[column]
        return tuple(found)

    return read if places else lambda row: _cut(units, zone, stride, row[0])


@lru_cache(maxsize=20_000)  # two years of hours
def _cut(units: Sequence[str], zone: ZoneInfo, stride: int, value: Any) -> Key:
    """Return what a time belongs to; None in the place of what is no unit of time."""
    moment = dt.datetime.fromtimestamp(value * stride, dt.UTC) if stride else value
    return tuple(clock.cut(unit, moment, zone) if unit else None for unit in units)
