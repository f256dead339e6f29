"""Figures over time, cut in the viewer's zone: the chart above the call log."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.calls.log import queries
from portal.calls.log.filters import Filters
from portal.calls.log.queries import Figures
from portal.periods import Period

_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
_HOURS_UP_TO = dt.timedelta(days=2)
_DAYS_UP_TO = dt.timedelta(days=93)


@dataclass(frozen=True)
class Column:
    """One column of the chart: an hour, a day or a month of the viewer's calendar."""

    start: dt.datetime
    unit: str
    figures: Figures


def columns(filters: Filters, zone: ZoneInfo) -> list[Column]:
    """Gather the sums of hours or days into columns that suit the length of the period.

    Hours are counted in UTC, so that the hour that happens twice is two columns and the one that
    does not happen is none.
    """
    period = filters.period
    length = period.end - period.start
    unit = "hour" if length <= _HOURS_UP_TO else "day" if length <= _DAYS_UP_TO else "month"
    starts = list(_starts(period, unit, zone))
    if unit == "hour":
        sums = queries.by_hour(filters, starts)
    else:
        sums = queries.by_day(filters, starts, zone.key)
    gathered = [[0] * 5 for _ in starts]  # visits, answered, abandoned, wait, talk
    for moment, *values in sums:
        column = gathered[max(bisect_right(starts, moment) - 1, 0)]
        for place, value in enumerate(values):
            column[place] += int(value)
    return [Column(at, unit, Figures.of(one)) for at, one in zip(starts, gathered, strict=True)]


def _starts(period: Period, unit: str, zone: ZoneInfo) -> Iterator[dt.datetime]:
    """Yield when each hour, day or month of the viewer that touches the period begins, in UTC."""
    if unit == "hour":
        moment = period.start
        while moment < period.end:
            yield moment
            moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
        return
    day = period.start.astimezone(zone).date()
    if unit == "month":
        day = day.replace(day=1)
    while (start := dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)) < period.end:
        yield start
        day = day + _DAY if unit == "day" else (day.replace(day=1) + 31 * _DAY).replace(day=1)
