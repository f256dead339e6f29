"""Operators' time as somebody may see it: statuses of their projects, and N/A for the rest.

N/A is what of a presence is in no status that the viewer sees: that the operator worked, not where.
It is one stretch as long as it lasts, whatever happened in it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.extensions import db
from portal.statuses.models import OperatorStatus, Presence, PresenceDay, ProjectSet, StatusDay

NOT_TOLD = "n/a"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One line of the journal. ``agent_raw``: the exchange's word for who is no known operator."""

    agent_id: uuid.UUID
    operator_id: uuid.UUID | None
    agent_raw: str | None
    status: str
    reason: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    going_on: bool = False

    @property
    def seconds(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What an operator spent in one status on one day of the company's zone, by reason."""

    agent_id: uuid.UUID
    operator_id: uuid.UUID | None
    day: dt.datetime
    status: str
    reason: str
    seconds: int
    count: int
    longest: int


def journal(
    start: dt.datetime,
    end: dt.datetime,
    *,
    agents: Collection[uuid.UUID] = (),
    projects: Collection[uuid.UUID] = (),
) -> list[Stretch]:
    """Return what the operators did in a period, by operator and time, N/A included.

    ``agents`` and ``projects`` restrict it; what is N/A does not depend on ``projects``.
    """
    chosen = in_projects(OperatorStatus, projects)
    own = [OperatorStatus.agent_id.in_(agents)] if agents else []
    query = select(
        OperatorStatus.agent_id,
        OperatorStatus.operator_id,
        OperatorStatus.agent_raw,
        OperatorStatus.status,
        OperatorStatus.reason,
        OperatorStatus.starts_at,
        OperatorStatus.ends_at,
        OperatorStatus.going_on,
        chosen.label("chosen"),
    ).where(OperatorStatus.starts_at < end, OperatorStatus.ends_at > start, *own)
    seen: dict[uuid.UUID, list[Stretch]] = defaultdict(list)
    shown: dict[uuid.UUID, list[Stretch]] = defaultdict(list)
    for *columns, is_chosen in db.session.execute(query.order_by(OperatorStatus.starts_at)):
        stretch = _clipped(Stretch(*columns), start, end)  # type: ignore[arg-type]  # in order
        seen[stretch.agent_id].append(stretch)
        if is_chosen:
            shown[stretch.agent_id].append(stretch)
    for agent_id, presences in _presences(start, end, agents).items():
        shown[agent_id] += _not_told(presences, seen[agent_id])
    return [
        stretch
        for agent_id in sorted(shown)
        for stretch in _joined(sorted(shown[agent_id], key=lambda one: one.starts_at))
    ]


def in_projects(model: Any, projects: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """Return the condition that a row is of one of these projects; of none given, of any."""
    if not projects:
        return model.agent_id.is_not(None)  # type: ignore[no-any-return]  # a column's condition
    link = ProjectSet.Link
    of = select(link.object_id).where(link.project_id.in_(projects))
    return model.project_set_id.in_(of)  # type: ignore[no-any-return]  # as above


def _presences(
    start: dt.datetime, end: dt.datetime, agents: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[Stretch]]:
    """Return when the operators whom one sees were online. Of a word of nobody's nothing is N/A."""
    query = select(
        Presence.agent_id,
        Presence.operator_id,
        Presence.starts_at,
        Presence.ends_at,
        Presence.going_on,
    ).where(
        Presence.operator_id.is_not(None),
        Presence.starts_at < end,
        Presence.ends_at > start,
        *([Presence.agent_id.in_(agents)] if agents else []),
    )
    found: dict[uuid.UUID, list[Stretch]] = defaultdict(list)
    for agent_id, operator_id, *times in db.session.execute(query.order_by(Presence.starts_at)):
        whole = Stretch(agent_id, operator_id, None, NOT_TOLD, "", *times)  # type: ignore[arg-type]  # as above
        found[agent_id].append(_clipped(whole, start, end))
    return found


def _clipped(stretch: Stretch, start: dt.datetime, end: dt.datetime) -> Stretch:
    going_on = stretch.going_on and stretch.ends_at <= end
    starts_at, ends_at = max(stretch.starts_at, start), min(stretch.ends_at, end)
    return replace(stretch, starts_at=starts_at, ends_at=ends_at, going_on=going_on)


def _not_told(presences: Iterable[Stretch], seen: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield what of the presences is in none of the statuses that are seen; both are in order."""
    known = list(seen)
    for presence in presences:
        at = presence.starts_at
        for one in known:
            if at < one.starts_at < presence.ends_at:
                yield replace(presence, starts_at=at, ends_at=one.starts_at, going_on=False)
            if presence.starts_at <= one.starts_at < presence.ends_at:
                at = max(at, one.ends_at)
        if at < presence.ends_at:
            yield replace(presence, starts_at=at)


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Draw together what follows at once and is the same: for which projects is not told."""
    last: Stretch | None = None
    for one in stretches:
        if last and _same(last, one):
            last = replace(last, ends_at=one.ends_at, going_on=one.going_on)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _same(one: Stretch, other: Stretch) -> bool:
    same = (one.status, one.reason, one.ends_at) == (other.status, other.reason, other.starts_at)
    return same and one.status != "talk"


def by_day(
    start: dt.datetime,
    end: dt.datetime,
    *,
    agents: Collection[uuid.UUID] = (),
    projects: Collection[uuid.UUID] = (),
) -> list[DayTotal]:
    """Return the operators' time by day, status and reason, N/A included.

    ``start`` and ``end`` are midnights of the company's zone.
    """
    own = [StatusDay.agent_id.in_(agents)] if agents else []
    keys = (
        StatusDay.agent_id,
        StatusDay.operator_id,
        StatusDay.starts_at,
        StatusDay.status,
        StatusDay.reason,
    )
    chosen = in_projects(StatusDay, projects)
    query = (
        select(
            *keys,
            func.sum(StatusDay.seconds),
            func.sum(StatusDay.count),
            func.max(StatusDay.longest),
            chosen.label("chosen"),
        )
        .where(StatusDay.starts_at >= start, StatusDay.starts_at < end, *own)
        .group_by(*keys, "chosen")
    )
    totals: list[DayTotal] = []
    seen: dict[tuple[uuid.UUID, dt.datetime], int] = defaultdict(int)
    for *columns, is_chosen in db.session.execute(query):
        total = DayTotal(*columns)  # type: ignore[arg-type]  # the columns in their order
        seen[total.agent_id, total.day] += total.seconds
        if is_chosen:
            totals.append(total)
    totals += _days_not_told(start, end, agents, seen)
    return sorted(totals, key=lambda one: (one.agent_id, one.day, one.status, one.reason))


def _days_not_told(
    start: dt.datetime,
    end: dt.datetime,
    agents: Collection[uuid.UUID],
    seen: dict[tuple[uuid.UUID, dt.datetime], int],
) -> Iterator[DayTotal]:
    """Yield what is left of each day online. How often and how long at once is not told either."""
    query = select(
        PresenceDay.agent_id, PresenceDay.operator_id, PresenceDay.starts_at, PresenceDay.seconds
    ).where(
        PresenceDay.operator_id.is_not(None),
        PresenceDay.starts_at >= start,
        PresenceDay.starts_at < end,
        *([PresenceDay.agent_id.in_(agents)] if agents else []),
    )
    for agent_id, operator_id, day, seconds in db.session.execute(query):
        left = seconds - seen[agent_id, day]
        if left > 0:
            yield DayTotal(agent_id, operator_id, day, NOT_TOLD, "", left, 0, 0)
