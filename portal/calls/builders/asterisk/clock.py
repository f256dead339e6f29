"""From the local times of a call detail record to UTC.

Nothing in such a file says which zone its times are in. The id of a channel begins with the UTC
second in which the channel was made, and the first row of a channel starts with it: the difference
tells the offset, whatever the zone, and the two hours of a changing clock apart.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.calls.sources.records import CdrRow, epoch_of

_QUARTER, _HOUR = 900, 3600


@dataclass(frozen=True, slots=True)
class Span:
    """When a row started, was answered and ended: seconds of the epoch."""

    start: int
    answer: int | None
    end: int


def spans(rows: Sequence[CdrRow], zone: ZoneInfo) -> list[Span]:
    """Resolve the times of the rows of one call, in the order given."""
    offsets = {channel: _offset(group, zone) for channel, group in _by_channel(rows).items()}
    return [_span(row, offsets[row.thread], zone) for row in rows]


@lru_cache(maxsize=4096)
def local_second(time: dt.datetime) -> int:
    """Count a local time as if it were UTC."""
    return int(time.replace(tzinfo=dt.UTC).timestamp())


def _by_channel(rows: Iterable[CdrRow]) -> dict[str, list[CdrRow]]:
    groups: dict[str, list[CdrRow]] = defaultdict(list)
    for row in rows:
        groups[row.thread].append(row)
    return groups


def _made_at(row: CdrRow) -> int:
    return epoch_of(row.unique_id or row.linked_id or "")


def _offset(rows: list[CdrRow], zone: ZoneInfo) -> int | None:
    """Return local time less UTC when the channel was made; None where only the zone can tell."""
    made = _made_at(rows[0])
    if not made:
        return None
    # Rows of one channel on both sides of a clock going back are not in the order of their starts,
    # so each tells an offset; the row that starts soonest after the channel was made is the first.
    inside_zone = [
        offset
        for row in rows
        for offset in _zone_offsets(row.start, zone)
        if -2 <= local_second(row.start) - offset - made < _HOUR
    ]
    starts = sorted({local_second(row.start) for row in rows})
    offsets = inside_zone or [_QUARTER * round((start - made) / _QUARTER) for start in starts]
    return min(dict.fromkeys(offsets), key=lambda offset: _distance(starts, offset + made))


def _distance(starts: list[int], second: int) -> int:
    """Tell how far the nearest of the sorted ``starts`` is from a second."""
    place = bisect(starts, second)
    return min(abs(start - second) for start in starts[max(0, place - 1) : place + 1])


def _zone_offsets(time: dt.datetime, zone: ZoneInfo) -> list[int]:
    """Return the offsets that a local time can have in its zone: two while the clock goes back."""
    return _quarter_offsets(time.replace(minute=time.minute // 15 * 15, second=0), zone)


@lru_cache(maxsize=4096)
def _quarter_offsets(time: dt.datetime, zone: ZoneInfo) -> list[int]:
    both = (time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return [int(offset.total_seconds()) for offset in both if offset is not None]


def _span(row: CdrRow, offset: int | None, zone: ZoneInfo) -> Span:
    local, made = local_second(row.start), _made_at(row)
    if offset is None:
        offset = _zone_offsets(row.start, zone)[0]
    elif local - offset < made - 2:  # the clock went back since the channel was made
        offset -= _HOUR
    start = local - offset
    end = start + row.duration
    answer = None
    if row.answer is not None:
        answer = start + int((row.answer - row.start).total_seconds())
        if not start <= answer <= end + 1:  # the clock changed in between
            answer = end - row.billed
        answer = min(answer, end)
    return Span(start, answer, end)
