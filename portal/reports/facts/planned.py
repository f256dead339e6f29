"""When operators are to be there: while any queue is open that they are staff of."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from portal.extensions import db
from portal.members.models import GroupUser, User
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import DAYS, Schedule, calendar_of
from portal.objects.queues.models import QueueGroup, QueueUser
from portal.reports import clock
from portal.reports.asked import Asked
from portal.statuses import days

Span = tuple[dt.datetime, dt.datetime]
_DAY_S = 86_400
_1970 = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Plan:
    """The planned time of an operator by days, each told by when it begins."""

    days: dict[dt.datetime, list[Span]]
    until: dt.datetime | None = None  # who is locked is planned no more


def plans(
    asked: Asked, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> dict[uuid.UUID, Plan]:
    """Return what is planned between two moments for each operator whom the viewer sees."""
    queues = _queues(asked)
    hours = _hours(set(queues.values()), start, end)
    made: dict[frozenset[uuid.UUID], dict[dt.datetime, list[Span]]] = {}
    found = {}
    for operator_id, (of, locked_at) in _staff(queues, asked).items():
        schedules = frozenset(queues[one] for one in of)
        if schedules not in made:
            together = (span for one in schedules for span in hours.get(one, ()))
            made[schedules] = _by_day(_union(together), zone)
        found[operator_id] = Plan(made[schedules], locked_at)
    return found


def _queues(asked: Asked) -> dict[uuid.UUID, uuid.UUID]:
    """Return the schedules of the queues that are asked for."""
    query = select(Queue.id, Queue.schedule_id).where(Queue.schedule_id.is_not(None), Queue.active)
    for name, column in (("project", Queue.project_id), ("queue", Queue.id)):
        if name in asked.chosen:
            query = query.where(column.in_(asked.chosen[name]))
    return dict(db.session.execute(query).all())


def _staff(
    queues: Collection[uuid.UUID], asked: Asked
) -> dict[uuid.UUID, tuple[set[uuid.UUID], dt.datetime | None]]:
    """Return of which queues somebody is staff, by name or group, and when they were locked."""
    who = User.id, User.locked_at
    by_name = select(QueueUser.queue_id, *who).join(
        User, and_(User.company_id == QueueUser.company_id, User.id == QueueUser.user_id)
    )
    same = and_(
        GroupUser.company_id == QueueGroup.company_id, GroupUser.group_id == QueueGroup.group_id
    )
    by_group = (
        select(QueueGroup.queue_id, *who)
        .join(GroupUser, same)
        .join(User, and_(User.company_id == GroupUser.company_id, User.id == GroupUser.user_id))
    )
    found: dict[uuid.UUID, tuple[set[uuid.UUID], dt.datetime | None]] = {}
    for query in (by_name, by_group):
        if "operator" in asked.chosen:
            query = query.where(User.id.in_(asked.chosen["operator"]))
        if "group" in asked.chosen:
            chosen = GroupUser.group_id.in_(asked.chosen["group"])
            query = query.where(User.id.in_(select(GroupUser.user_id).where(chosen)))
        for queue_id, operator_id, locked_at in db.session.execute(query):
            if queue_id in queues:
                found.setdefault(operator_id, (set(), locked_at))[0].add(queue_id)
    return found


def _hours(
    schedule_ids: Collection[uuid.UUID], start: dt.datetime, end: dt.datetime
) -> dict[uuid.UUID, list[Span]]:
    query = select(Schedule).where(Schedule.id.in_(schedule_ids))
    return {one.id: list(opened(one, start, end)) for one in db.session.scalars(query)}


def opened(schedule: Schedule, start: dt.datetime, end: dt.datetime) -> Iterator[Span]:
    """Yield from when to when a schedule is open, by the clock on its wall.

    What that clock skips is not there, and an hour that it shows twice is open twice.
    """
    zone = ZoneInfo(schedule.timezone)
    calendar = calendar_of({name: getattr(schedule, name) for name in (*DAYS, "exceptions")})
    since = int(start.timestamp())
    for moment, offset in clock.offsets(zone, start, end):
        until = int(moment.timestamp())
        first, last = ((at + offset) // _DAY_S for at in (since, until))
        for number in range(first - 1, last + 1):
            midnight = number * _DAY_S - offset
            for hours in calendar.day(_1970 + dt.timedelta(days=number)).hours:
                begins = max(since, midnight + hours.start * 60)
                ends = min(until, midnight + hours.end * 60)
                if begins < ends:
                    yield _moment(begins), _moment(ends)
        since = until


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)


def _union(spans: Iterable[Span]) -> list[Span]:
    """Draw together what overlaps or follows at once."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _by_day(spans: Iterable[Span], zone: ZoneInfo) -> dict[dt.datetime, list[Span]]:
    found: dict[dt.datetime, list[Span]] = defaultdict(list)
    for start, end in spans:
        for part, day in days.cut(start, end, zone):
            found[day].append(part)
    return found
