"""Who takes the calls of a queue, and its numbers. The wall leaves out whom one may not know."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.extensions import db
from portal.members.models import Group
from portal.objects.kinds.queue import Queue
from portal.objects.picking import people
from portal.objects.queues.models import MEMBERS, QueueNumber
from portal.projects.models import ProjectGroup


@dataclass(frozen=True)
class Member:
    """An operator or a group of a queue; ``outside``: no longer in its project."""

    what: str
    id: uuid.UUID
    name: str
    penalty: int
    outside: bool


def members(queue: Queue) -> list[Member]:
    """Return whom of the queue the viewer may know, in the order in which they are asked."""
    inside = {"user": {one for one, _name in people({queue.project_id})}}
    inside["group"] = set(db.session.scalars(_groups(queue).with_only_columns(Group.id)))
    found = []
    for what, (model, target) in MEMBERS.items():
        column: Any = getattr(model, f"{what}_id")
        rows = db.session.execute(
            select(target.id, target.name, model.penalty)
            .join(model, (model.company_id == target.company_id) & (column == target.id))
            .where(model.queue_id == queue.id)  # type: ignore[union-attr]  # Ref makes it
            .order_by(model.penalty, target.name_key, target.id)
        )
        found += [Member(what, *row, row[0] not in inside[what]) for row in rows]
    return found


def offered(queue: Queue, known: list[Member]) -> list[tuple[str, str, str]]:
    """Return kind, id and name of who is in the project and not among ``known``."""
    there = {(one.what, one.id) for one in known}
    groups = db.session.execute(_groups(queue).with_only_columns(Group.id, Group.name)).all()
    both = {"user": people({queue.project_id}), "group": [(one.id, one.name) for one in groups]}
    return [
        (what, str(identifier), name)
        for what, rows in both.items()
        for identifier, name in rows
        if (what, identifier) not in there
    ]


def _groups(queue: Queue) -> Any:
    inside = select(ProjectGroup.group_id).where(ProjectGroup.project_id == queue.project_id)
    return select(Group).where(Group.id.in_(inside)).order_by(Group.name_key, Group.id)


def numbers(queue: Queue) -> list[str]:
    query = select(QueueNumber.number).where(QueueNumber.queue_id == queue.id)  # type: ignore[attr-defined]  # Ref makes it
    return list(db.session.scalars(query.order_by(QueueNumber.number)))


def queue_with(number: str, besides: Queue) -> Queue | None:
    """Return another queue that has a number among those that the viewer sees: no others exist."""
    ids = select(QueueNumber.queue_id).where(QueueNumber.number == number)  # type: ignore[attr-defined]  # Ref makes it
    query = select(Queue).where(Queue.id.in_(ids), Queue.id != besides.id)
    return db.session.scalars(query.order_by(Queue.search_key).limit(1)).first()


def staff(queue: Queue) -> dict[str, Any]:
    """Return all that the part of the form about operators and numbers shows."""
    known = members(queue)
    return {
        "queue": queue,
        "members": known,
        "offered": offered(queue, known),
        "numbers": numbers(queue),
    }
