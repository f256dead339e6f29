"""Putting operators, groups and numbers to a queue, and taking them away."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.objects.numbers.normal import normalised, region_of
from portal.objects.queues import queries
from portal.objects.queues.models import MEMBERS, MOST_PENALTY, QueueNumber

MOST_NUMBERS = 200
_SHORT = re.compile(r"[0-9*#]{2,15}", re.ASCII)


def put(queue: Queue, what: str, member_id: uuid.UUID, penalty: int, *, actor: User) -> None:
    """Let somebody of the project, or a group of it, take calls; or change their penalty."""
    _hold(queue)
    if not 0 <= penalty <= MOST_PENALTY:
        message = _("A whole number from %(min)d to %(max)d.", min=0, max=MOST_PENALTY)
        raise RefusedError(message, field="penalty")
    row = _row(queue, what, member_id)
    name = _name(what, member_id)
    if row is None:
        offered = {(kind, one) for kind, one, _name in queries.offered(queue, [])}
        if (what, str(member_id)) not in offered or name is None:
            raise RefusedError(_("This person or group is not in the project."), field="who")
        model = MEMBERS[what][0]
        key = {"company_id": queue.company_id, "project_id": queue.project_id}
        values = {"queue_id": queue.id, f"{what}_id": member_id, "penalty": penalty}
        db.session.add(model(**key, **values))
        _tell(queue, "operator_added", {f"{what}s": [name], "penalty": penalty}, actor)
    elif row.penalty != penalty:
        row.penalty = penalty
        _tell(queue, "penalty_changed", {f"{what}s": [name or ""], "penalty": penalty}, actor)
    db.session.flush()


def take(queue: Queue, what: str, member_id: uuid.UUID, *, actor: User) -> None:
    """Take somebody out of a queue; the second of two clicks finds nobody."""
    _hold(queue)
    row, name = _row(queue, what, member_id), _name(what, member_id)
    if row is None or name is None:
        return
    db.session.delete(row)
    _tell(queue, "operator_removed", {f"{what}s": [name]}, actor)
    db.session.flush()


def add_number(queue: Queue, text: str, *, actor: User) -> None:
    """Let a number lead to a queue, unless it leads to another one that the viewer sees."""
    _hold(queue)
    number = read_number(text)
    if number is None:
        raise RefusedError(_("This is not a telephone number."), field="number")
    known = queries.numbers(queue)
    if number in known:
        return
    if len(known) >= MOST_NUMBERS:
        raise RefusedError(_("At most %(max)d numbers.", max=MOST_NUMBERS), field="number")
    other = queries.queue_with(number, besides=queue)
    if other is not None:
        message = _("%(number)s leads to the queue %(name)s.", number=number, name=other.name)
        raise RefusedError(message, field="number")
    key = {"company_id": queue.company_id, "project_id": queue.project_id}
    db.session.add(QueueNumber(**key, queue_id=queue.id, number=number))
    _tell(queue, "number_added", {"number": number}, actor)
    db.session.flush()


def remove_number(queue: Queue, number: str, *, actor: User) -> None:
    _hold(queue)
    query = select(QueueNumber).where(
        QueueNumber.queue_id == queue.id,  # type: ignore[attr-defined]  # Ref makes it
        QueueNumber.number == number,
    )
    row = db.session.scalars(query).first()
    if row is not None:
        db.session.delete(row)
        _tell(queue, "number_removed", {"number": number}, actor)
        db.session.flush()


def read_number(text: str) -> str | None:
    """Return an inbound number as it is kept: E.164, or the few digits of an internal line."""
    short = re.sub(r"[\s()./-]", "", text)
    found = normalised(text, region_of(g.identity.company.timezone))
    return found or (short if _SHORT.fullmatch(short) else None)


def _hold(queue: Queue) -> None:
    """Read a queue anew and lock it: those who change it come one after another."""
    statement = select(Queue).where(Queue.id == queue.id).with_for_update(key_share=True)
    db.session.scalars(statement, execution_options={"populate_existing": True}).one()


def _row(queue: Queue, what: str, member_id: uuid.UUID) -> Any:
    model: Any = MEMBERS[what][0]
    column = getattr(model, f"{what}_id")
    query = select(model).where(model.queue_id == queue.id, column == member_id)
    return db.session.scalars(query).first()


def _name(what: str, member_id: uuid.UUID) -> str | None:
    target: Any = MEMBERS[what][1]
    name: str | None = db.session.scalar(select(target.name).where(target.id == member_id))
    return name


def _tell(queue: Queue, action: str, detail: dict[str, Any], actor: User) -> None:
    queue.changed_at, queue.changed_by_id = utcnow(), actor.id  # type: ignore[attr-defined]  # Ref makes it
    trail.record(
        action,
        kind=Queue.kind,
        object_id=queue.id,
        object_name=queue.name,
        project_ids=[queue.project_id],
        detail=detail,
    )
