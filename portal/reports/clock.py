"""Time as reports cut it: in the viewer's zone, right also on the days on which clocks change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask_babel import get_locale
from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal import languages
from portal.filters import show_date, show_datetime, show_days, show_short_date, show_time
from portal.periods import FIRST_YEAR, LAST_YEAR, Period

_DAY = dt.timedelta(days=1)
HOUR_S, QUARTER_S = 3600, 900
END_S = 2**33  # later than any call, in seconds since 1970


class Slot(FunctionElement[int]):
    """``Slot(column, seconds)``: which stretch of so many seconds since 1970 a time lies in."""

    name = "slot"
    type = BigInteger()
    inherit_cache = True


@compiles(Slot, "postgresql")
def _slot_on_postgresql(element: Slot, compiler: Any, **options: Any) -> str:
    column, seconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(floor(extract(epoch FROM {column}) / {seconds}) AS bigint)"


@compiles(Slot, "sqlite")
def _slot_on_sqlite(element: Slot, compiler: Any, **options: Any) -> str:
    column, seconds = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(CAST(strftime('%s', {column}) AS INTEGER) / {seconds})"


def step(period: Period, zone: ZoneInfo) -> int:
    """Return the seconds of the longest stretch that no boundary of the zone cuts."""
    moments = (period.start + number * 7 * _DAY for number in range(_weeks(period)))
    offsets = (moment.astimezone(zone).utcoffset() or dt.timedelta() for moment in moments)
    whole = all(offset % dt.timedelta(hours=1) == dt.timedelta() for offset in offsets)
    return HOUR_S if whole else QUARTER_S


def _weeks(period: Period) -> int:
    return (period.end - period.start).days // 7 + 2


def offsets(
    zone: ZoneInfo, start: dt.datetime, end: dt.datetime
) -> Iterator[tuple[dt.datetime, int]]:
    """Yield until when the zone has which offset, in seconds; the last goes to the end."""

    def offset(moment: dt.datetime) -> int:
        return int((moment.astimezone(zone).utcoffset() or dt.timedelta()).total_seconds())

    at = start
    while at < end:
        after = min(at + _DAY, end)
        if offset(at) != offset(after):
            before, behind = (int(moment.timestamp()) for moment in (at, after))
            while behind - before > 1:
                middle = (before + behind) // 2
                same = offset(dt.datetime.fromtimestamp(middle, dt.UTC)) == offset(at)
                before, behind = (middle, behind) if same else (before, middle)
            yield dt.datetime.fromtimestamp(behind, dt.UTC), offset(at)
        at = after
    yield end, offset(end)


def cut(unit: str, moment: dt.datetime, zone: ZoneInfo) -> Any:
    """Return which hour, day, week … of the zone a moment belongs to.

    'hour' and 'quarter' are told by when they begin, in UTC, so that the hour that happens twice is
    two; 'day', 'week' and 'month' by their first day; 'weekday' (0 is Monday) and 'hour_of_day' by
    their number.
    """
    local = moment.astimezone(zone)
    match unit:
        case "quarter":
            return moment - dt.timedelta(seconds=moment.timestamp() % QUARTER_S)
        case "hour":
            into = dt.timedelta(minutes=local.minute, seconds=local.second)
            return moment - into - dt.timedelta(microseconds=local.microsecond)
        case "weekday":
            return local.weekday()
        case "hour_of_day":
            return local.hour
    return _first_day(unit, local.date())


def _first_day(unit: str, day: dt.date) -> dt.date:
    """Return the first day of the week or month that a day belongs to, or the day."""
    if unit == "week":
        return day - day.weekday() * _DAY
    return day.replace(day=1) if unit == "month" else day


def every(unit: str, period: Period, zone: ZoneInfo) -> list[Any]:
    """Return all keys of a unit that the period touches, in order."""
    match unit:
        case "weekday":
            return list(range(7))
        case "hour_of_day":
            return list(range(24))
        case "hour" | "quarter":
            slots = _moments(period.start, period.end, dt.timedelta(seconds=QUARTER_S))
            return list(dict.fromkeys(cut(unit, moment, zone) for moment in slots))
    days = (period.last_day - period.first_day).days + 1
    return list(
        dict.fromkeys(_first_day(unit, period.first_day + day * _DAY) for day in range(days))
    )


def placed(unit: str, period: Period, zone: ZoneInfo) -> dict[Any, Any]:
    """Return the same by where they stand in the period, to be held against those of another.

    Days, and the hours of their clock, are counted from the first; weeks and months from the last,
    since as many days before may touch one more.
    """
    return {_place(unit, key, period, zone): key for key in every(unit, period, zone)}


def _place(unit: str, key: Any, period: Period, zone: ZoneInfo) -> Any:
    match unit:
        case "hour" | "quarter":
            local = key.astimezone(zone)
            return local.date() - period.first_day, local.time(), local.fold
        case "day":
            return key - period.first_day
        case "week":
            return key - _first_day(unit, period.last_day)
    return 12 * (key.year - period.last_day.year) + key.month - period.last_day.month


def _moments(start: dt.datetime, end: dt.datetime, stride: dt.timedelta) -> Iterator[dt.datetime]:
    while start < end:
        yield start
        start += stride


def within(
    unit: str, key: Any, period: Period, zone: ZoneInfo, column: Any, during: Any = None
) -> ColumnElement[bool]:
    """Return the condition that a time lies in what ``key`` stands for.

    ``during`` makes it, of a stretch of time, where it is no plain comparison.
    """
    stride = step(period, zone)
    if unit == "quarter":
        stride = QUARTER_S
    first, last = (int(one.timestamp()) // stride for one in (period.start, period.end))
    slots = [
        slot
        for slot in range(first, last)
        if cut(unit, dt.datetime.fromtimestamp(slot * stride, dt.UTC), zone) == key
    ]
    if slots and slots[-1] - slots[0] == len(slots) - 1:
        start, end = (
            dt.datetime.fromtimestamp(slot * stride, dt.UTC) for slot in (slots[0], slots[-1] + 1)
        )
        return during(start, end) if during else (column >= start) & (column < end)  # type: ignore[no-any-return]  # a column
    return Slot(column, stride).in_(slots)


def written(key: Any) -> str:
    """Return a key as it stands in addresses."""
    return key.isoformat() if isinstance(key, (dt.date, dt.datetime)) else str(key)


def parsed(unit: str, text: str) -> Any:
    """Read what :func:`written` wrote; raise ValueError for anything else."""
    match unit:
        case "hour" | "quarter":
            moment = dt.datetime.fromisoformat(text)
            if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise ValueError(text)
            return moment
        case "day" | "week" | "month":
            return dt.date.fromisoformat(text)
    number = int(text)
    if not 0 <= number < (7 if unit == "weekday" else 24):
        raise ValueError(text)
    return number


def shown(unit: str, key: Any) -> str:
    match unit:
        case "hour" | "quarter":
            return show_datetime(key) + _which(key)
        case "day" | "week":
            return show_date(key)
        case "month":
            return dates.format_skeleton("yMMMM", key, locale=get_locale())
        case "weekday":
            return str(dates.get_day_names("wide", locale=get_locale())[key])
    return f"{key:02}:00"


def _which(moment: dt.datetime) -> str:
    """Return of which offset a time is, where clocks show it twice; else nothing."""
    local = moment.astimezone(languages.zone())
    other = local.replace(fold=1 - local.fold)
    return "" if local.utcoffset() == other.utcoffset() else f" {local.tzname()}"


def all_shown(unit: str, keys: Iterable[Any]) -> dict[Any, str]:
    """Show many keys of a unit."""
    return show_days(keys) if unit in ("day", "week") else {key: shown(unit, key) for key in keys}


def tick(unit: str, key: Any) -> str:
    """Return a key as it stands below an axis: shorter. 'date' is the day of an hour."""
    match unit:
        case "date":
            return show_short_date(key)
        case "hour" | "quarter":
            return show_time(key)
        case "day" | "week":
            return show_short_date(dt.datetime.combine(key, dt.time(12), dt.UTC))
        case "weekday":
            return str(dates.get_day_names("abbreviated", locale=get_locale())[key])
    return shown(unit, key)


def ordered(keys: Iterable[Any]) -> list[Any]:
    return sorted(keys, key=lambda key: (key is None, key))
