"""What rows are grouped by, as columns of a statement; and the keys that its rows give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from portal.periods import Period
from portal.reports import clock
from portal.reports.asked import Asked
from portal.reports.terms import Dimension, RollUp

Key = tuple[Any, ...]


def columns(
    by: Sequence[Dimension], asked: Asked, period: Period, table: RollUp | None
) -> list[Any]:
    """Return what is grouped by: first the time, of which all dimensions of time are cut."""
    others = [getattr(table.model, one.key.key) if table else one.key for one in by if not one.time]
    if len(others) == len(by):
        return others
    at = (
        table.model.starts_at
        if table
        else clock.Slot(asked.report.fact.at, _stride(by, asked, period))
    )
    return [at, *others]


def _stride(by: Sequence[Dimension], asked: Asked, period: Period) -> int:
    fine = any(one.time == "quarter" for one in by)
    return clock.QUARTER_S if fine else clock.step(period, asked.zone)


def reader(
    by: Sequence[Dimension], asked: Asked, table: RollUp | None, period: Period
) -> Callable[[Sequence[Any]], Key]:
    """Return what makes keys of the rows that begin with :func:`columns`."""
    zone, stride = asked.zone, None if table else _stride(by, asked, period)
    places = [place for place, one in enumerate(by) if not one.time]
    if len(places) == len(by):
        return lambda row: tuple(row[: len(by)])

    @cache
    def cut(value: Any) -> list[Any]:
        moment = value if stride is None else dt.datetime.fromtimestamp(value * stride, dt.UTC)
        return [clock.cut(one.time, moment, zone) if one.time else None for one in by]

    def read(row: Sequence[Any]) -> Key:
        found = cut(row[0]).copy()
        for column, place in enumerate(places, 1):
            found[place] = row[column]
        return tuple(found)

    return read
