"""Keeping the totals of days with the statuses: whatever days are touched are summed up anew."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from portal.calls.identifiers import stable_id
from portal.calls.stamping import Row, chunks
from portal.calls.writing import delete_rows, gone, rows_by_id, write_changed
from portal.company.models import Company
from portal.extensions import db
from portal.statuses.models import OperatorStatus, Presence, PresenceDay, StatusDay

_TOGETHER = 20  # agents whose time is held in memory at once
_DAY = dt.timedelta(days=1)
_AGENT = ("company_id", "agent_id", "operator_id")
_KEYS = (*_AGENT, "project_set_id", "status", "reason")
Rows = dict[uuid.UUID, Row]
Times = tuple[dt.datetime, dt.datetime]


def zone_of(company_id: int) -> ZoneInfo:
    """Return the zone in which the days of figures are cut."""
    zone = select(func.coalesce(Company.figures_timezone, Company.timezone)).where(
        Company.id == company_id
    )
    return ZoneInfo(db.session.scalars(zone).one())


def rebuild(
    company_id: int,
    zone: ZoneInfo,
    changed: Iterable[Row],
    statuses: Iterable[Row],
    presences: Iterable[Row],
) -> None:
    """Sum up the days into which rows fall that came, went or changed.

    ``statuses`` and ``presences``: all rows of these agents in these days.
    """
    within: dict[uuid.UUID, Times] = {}
    for row in changed:
        first, last = day_of(row["starts_at"], zone), day_of(row["ends_at"], zone)
        before = within.get(row["agent_id"], (first, last))
        within[row["agent_id"]] = min(first, before[0]), max(last, before[1])
    if not within:
        return
    for model, sums, rows in (
        (StatusDay, _statuses, statuses),
        (PresenceDay, _presences, presences),
    ):
        stored = rows_by_id(
            model,
            model.company_id == company_id,
            model.agent_id.in_(within),
            model.starts_at >= min(first for first, _ in within.values()),
            model.starts_at <= max(last for _, last in within.values()),
        )
        old = {key: row for key, row in stored.items() if _within(row, row["starts_at"], within)}
        new = {row["id"]: row for row in sums(_cut(rows, zone, within))}
        delete_rows(model, company_id, gone(old, new))
        write_changed(model, old, new)


def recount(company_id: int, zone: ZoneInfo, check: Callable[[], None]) -> None:
    """Sum up all days anew, of some operators at a time."""
    for table in (StatusDay, PresenceDay):
        emptied = delete(table).where(table.company_id == company_id)
        db.session.execute(emptied.execution_options(synchronize_session=False))
    agents: Any = select(OperatorStatus.agent_id).where(OperatorStatus.company_id == company_id)
    agents = agents.union(select(Presence.agent_id).where(Presence.company_id == company_id))
    for part in chunks(sorted(db.session.scalars(agents)), _TOGETHER):
        check()
        statuses, presences = (
            list(
                rows_by_id(model, model.company_id == company_id, model.agent_id.in_(part)).values()
            )
            for model in (OperatorStatus, Presence)
        )
        rebuild(company_id, zone, [*statuses, *presences], statuses, presences)


def _within(row: Row, day: dt.datetime, within: Mapping[uuid.UUID, Times]) -> bool:
    first, last = within.get(row["agent_id"], (None, None))
    return first is not None and last is not None and first <= day <= last


def _statuses(parts: Iterable[tuple[Row, Times, dt.datetime]]) -> Iterator[Row]:
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, (start, end), day in parts:
        entry = sums[day, *(row[key] for key in _KEYS)]
        seconds = int((end - start).total_seconds())
        entry[0] += seconds
        entry[1] += row["begins"] and row["starts_at"] == start
        entry[2] = max(entry[2], seconds)
    for (day, *key), (seconds, count, longest) in sums.items():
        named = dict(zip(_KEYS, key, strict=True))
        measures = {"seconds": seconds, "count": count, "longest": longest}
        yield {"id": _id("status_days", day, key), "starts_at": day, **named, **measures}


def _presences(parts: Iterable[tuple[Row, Times, dt.datetime]]) -> Iterator[Row]:
    spans: dict[tuple[Any, ...], list[Times]] = defaultdict(list)
    for row, span, day in parts:
        spans[day, *(row[key] for key in _AGENT)].append(span)
    for (day, *key), times in spans.items():
        yield {
            "id": _id("presence_days", day, key),
            "starts_at": day,
            **dict(zip(_AGENT, key, strict=True)),
            "seconds": sum(int((end - start).total_seconds()) for start, end in times),
            "first_at": min(start for start, _ in times),
            "last_at": max(end for _, end in times),
        }


def _id(table: str, day: dt.datetime, key: Sequence[Any]) -> uuid.UUID:
    parts = [one.hex if isinstance(one, uuid.UUID) else str(one) for one in key]
    return stable_id(int(day.timestamp()), table, *parts)


def _cut(
    rows: Iterable[Row], zone: ZoneInfo, within: Mapping[uuid.UUID, Times]
) -> Iterator[tuple[Row, Times, dt.datetime]]:
    """Yield rows with what of them falls into each of the days, which begin at local midnight."""
    for row in rows:
        for span, day in cut(row["starts_at"], row["ends_at"], zone):
            if _within(row, day, within):
                yield row, span, day


def cut(
    start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> Iterator[tuple[Times, dt.datetime]]:
    """Cut a stretch of time at the midnights of a zone; yield the parts and their days."""
    while start < end:
        day = day_of(start, zone)
        stop = min(end, after(day, zone))
        yield (start, stop), day
        start = stop


def day_of(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return _midnight(moment.astimezone(zone).date(), zone)


def after(day: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the next midnight of a zone, which may be 23 or 25 hours after a day's beginning."""
    return _midnight(day.astimezone(zone).date() + _DAY, zone)


@lru_cache(maxsize=1000)
def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
