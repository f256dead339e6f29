"""Figures over time, cut in the viewer's zone: the chart above the call log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.calls.log.queries import Figures
from portal.periods import Period

_HOURS_UP_TO = dt.timedelta(days=2)
_DAYS_UP_TO = dt.timedelta(days=93)


@dataclass(frozen=True)
class Column:
    """One column of the chart: an hour, a day or a month of the viewer's calendar."""

    start: dt.datetime
    unit: str
    figures: Figures


def columns(period: Period, hours: dict[dt.datetime, Figures], zone: ZoneInfo) -> list[Column]:
    """Gather the figures of UTC hours into columns that suit the length of the period.

    Hours are counted in UTC, so that the hour that happens twice is two columns and the one that
    does not happen is none.
    """
    length = period.end - period.start
    unit = "hour" if length <= _HOURS_UP_TO else "day" if length <= _DAYS_UP_TO else "month"
    gathered: dict[dt.datetime, Figures] = {}
    moment = period.start.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    while moment < period.end:
        start = _start(max(moment, period.start), unit, zone)
        gathered[start] = gathered.get(start, Figures()) + hours.get(moment, Figures())
        moment += dt.timedelta(hours=1)
    return [Column(start, unit, figures) for start, figures in sorted(gathered.items())]


def _start(moment: dt.datetime, unit: str, zone: ZoneInfo) -> dt.datetime:
    """Return when the hour, day or month of the viewer that holds ``moment`` begins."""
    if unit == "hour":
        return moment
    local = moment.astimezone(zone)
    day = local.date() if unit == "day" else local.date().replace(day=1)
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
