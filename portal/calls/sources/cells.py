"""Cells of tables as people and spreadsheets write them: days, times, durations, numbers."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.calls.sources.records import is_possible
from portal.imports import reading

DATE_ORDERS = ("ymd", "dmy", "mdy")
CLOCKS = ("24", "12")
UNITS = ("s", "ms", "m:ss", "h:mm:ss")
Moments = tuple[int, ...]  # UTC seconds that a time can mean; none: there is no such time

_DAY, _HALF_DAY, _QUARTER = 86_400, 43_200, 900
_LONGEST_S = 999_999_999  # of a duration; what would be longer is damage, and ends in no calendar
_NONE = {"", "-", "–", "null", "none", "n/a", r"\n"}
_MOMENT = re.compile(
    r"(?P<day>\d{1,4}[-./]\d{1,2}[-./]\d{1,4})?[ T,]*"
    r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?)?(?:[.,]\d+)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<offset>Z|UTC|[+-]\d\d:?\d\d)?\Z"
)
_EPOCH = re.compile(r"(\d{9,10})(?:[.,]\d+)?\Z|(\d{12,13})\Z")
_ROUNDED = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})\Z")
_PROTECTED = re.compile(r'="([^"]*)"\Z')
_COUNT = re.compile(r"\d{1,12}(?:\.\d+)?\Z")


class CellError(ValueError):
    """A cell that cannot be read; the message says why."""


class Local(NamedTuple):
    """A time as a table has it: by the local clock counted as if it were UTC, or UTC itself."""

    second: int
    is_utc: bool = False


def clean(text: str) -> str:
    """Return a cell as one line of text without what cannot be seen."""
    text = reading.clean(text)
    if text.startswith('="') and (protected := _PROTECTED.match(text)):
        return protected[1]  # how text that looks like a number is kept from spreadsheets
    return text


def day_of(text: str, order: str) -> int | None:
    """Return the day in a cell, in seconds; a time behind it does not count."""
    if text.lower() in _NONE:
        return None
    day, _second, _offset = _parts_of(text, order, "")
    if day is None:
        raise CellError("the day cannot be read")
    return None if day < 0 else day


def moment(
    text: str, order: str, clock: str, day: int | None, after: Local | None = None
) -> Local | None:
    """Read a time. One without a day is of ``day``; if that is long before ``after``, of the next.

    Midnight alone means in a later time of a row that there was none.
    """
    if not text or text.lower() in _NONE:
        return None
    if epoch := _EPOCH.match(text):
        return Local(_possible(int(epoch[1] or int(epoch[2]) // 1000)), is_utc=True)
    own, second, offset = _parts_of(text, order, clock)
    if own is None:
        return _of_day(second, day, after)
    if own < 0:
        return None
    if offset is None:
        return Local(own + second)
    return Local(own + second - offset, is_utc=True)


@lru_cache(maxsize=4096)
def _parts_of(text: str, order: str, clock: str) -> tuple[int | None, int, int | None]:
    """Return the day (-1 for one that means none), the second of it, and the offset, if written.

    Without a ``clock`` only the day counts.
    """
    found = _MOMENT.match(text)
    if not found or not (found["day"] or found["clock"]):
        raise CellError("the time cannot be read" if clock else "the day cannot be read")
    own, of_day, offset = found["day"], found["clock"], found["offset"]
    second = 0
    if of_day is not None and clock:
        second = _clock(of_day, (found["half"] or "").lower()[:1], clock)
    if own is None:
        return None, second, None
    # How databases and spreadsheets write that there is none.
    if own.startswith(("0000", "1970", "1900")) or own.endswith(("0000", "1970", "1900")):
        return -1, 0, None
    return _day(own, order), second, None if offset is None else _offset(offset)


def _of_day(second: int, day: int | None, after: Local | None) -> Local | None:
    if after is not None:
        if second == 0:
            return None
        day = day if after.is_utc else after.second // _DAY * _DAY
    if day is None:
        raise CellError("the time has no day")
    late = after is not None and day + second < after.second - _HALF_DAY
    return Local(day + second + (_DAY if late else 0))


def utc(local: Local, zone: ZoneInfo) -> Moments:
    """Return the UTC seconds that a time can mean: two of them while the clock goes back."""
    if local.is_utc:
        return (local.second,)
    offsets = _offsets(local.second // _QUARTER, zone)
    if not offsets:
        raise CellError("there is no such time in this time zone")
    return tuple(local.second - offset for offset in offsets)


def seconds(text: str, unit: str, decimal_comma: bool) -> int | None:
    """Read a duration in whole seconds."""
    if not text or text.lower() in _NONE:
        return None
    if unit in ("m:ss", "h:mm:ss"):
        return _lasting(_parts(text, 2 if unit == "m:ss" else 3))
    if text.isascii() and text.isdigit():
        plain = text
    else:
        plain = text.replace(" ", "").replace("." if decimal_comma else ",", "")
        plain = plain.replace(",", ".")
    if len(plain) > 20 or not _COUNT.match(plain):
        raise CellError("the duration cannot be read")
    return _lasting(int(float(plain) / (1000 if unit == "ms" else 1)))


def _lasting(duration: int) -> int:
    if duration > _LONGEST_S:
        raise CellError("the duration cannot be read")
    return duration


def number(text: str) -> str:
    """Return a telephone number as it was before a spreadsheet wrote it as a power of ten."""
    if found := _ROUNDED.match(text):
        first, rest, power = found[1], found[2] or "", int(found[3])
        return first + rest.ljust(power, "0") if power <= 20 else text
    return text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text


def is_rounded(text: str) -> bool:
    """Tell whether a spreadsheet wrote a number as a power of ten and lost digits of it."""
    found = _ROUNDED.match(text)
    return bool(found) and len(found[2] or "") < int(found[3])  # type: ignore[index]  # it is found


def orders_of(days: set[str]) -> set[str]:
    """Return the orders in which all of the days can be read."""
    return {order for order in DATE_ORDERS if all(_is_day(day, order) for day in days)}


def written_day(text: str) -> str | None:
    """Return the part of a cell that is its day."""
    found = _MOMENT.match(text)
    return found["day"] if found else None


def is_a_day(text: str) -> bool:
    """Tell whether a day can be read in any order; what cannot be decides nothing."""
    return any(_is_day(text, order) for order in DATE_ORDERS)


def has_half(text: str) -> bool:
    """Tell whether a time says before or after noon."""
    found = _MOMENT.match(text)
    return bool(found and found["half"])


def _is_day(text: str, order: str) -> bool:
    try:
        _day(text, order)
    except CellError:
        return False
    return True


@lru_cache(maxsize=4096)
def _day(text: str, order: str) -> int:
    if not order:
        raise CellError("which comes first, the day or the month?")
    parts = dict(zip(order, re.split(r"[-./]", text), strict=True))
    if len(parts["y"]) not in (2, 4) or max(len(parts["m"]), len(parts["d"])) > 2:
        raise CellError("the day is written in another order")
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    try:
        day = dt.date(year, int(parts["m"]), int(parts["d"]))
    except ValueError:
        raise CellError("there is no such day") from None
    return _possible((day.toordinal() - dt.date(1970, 1, 1).toordinal()) * _DAY)


def _clock(text: str, half: str, clock: str) -> int:
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    if bool(half) != (clock == "12"):
        raise CellError(
            "the time does not say before or after noon"
            if clock == "12"
            else "the time says before or after noon"
        )
    if half:
        if not 1 <= hour <= 12:
            raise CellError("there is no such time")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CellError("there is no such time")
    return hour * 3600 + minute * 60 + second


def _offset(text: str) -> int:
    if text in ("Z", "UTC"):
        return 0
    value = int(text[1:3]) * 3600 + int(text[-2:]) * 60
    return -value if text.startswith("-") else value


@lru_cache(maxsize=4096)
def _offsets(quarter: int, zone: ZoneInfo) -> tuple[int, ...]:
    """Return the offsets of a local quarter of an hour, the sooner instant first; none in a gap."""
    local = dt.datetime.fromtimestamp(quarter * _QUARTER, dt.UTC).replace(tzinfo=None)
    found = []
    for fold in (0, 1):
        offset = local.replace(tzinfo=zone, fold=fold).utcoffset()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        instant = dt.datetime.fromtimestamp(quarter * _QUARTER - seconds, zone)
        if instant.replace(tzinfo=None) == local and seconds not in found:
            found.append(seconds)
    return tuple(found)


def _possible(second: int) -> int:
    if not is_possible(second):
        raise CellError("there was no such call: the year is impossible")
    return second


def _parts(text: str, most: int) -> int:
    parts = text.split(".")[0].split(",")[0].split(":")
    if not (2 <= len(parts) <= 3 and all(p.isascii() and p.isdigit() for p in parts)):
        raise CellError("the duration cannot be read")
    # Two parts of hours and minutes have lost their seconds: that is no m:ss.
    if len(parts) < most or len(parts[0]) > 6 or any(int(part) > 59 for part in parts[1:]):
        raise CellError("the duration cannot be read")
    total = 0
    for part in parts:
        total = 60 * total + int(part)
    return total
