"""Moving an owned object into another project: who gains and loses sight of it, and its history."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.calls.restamping import move_history
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects import queries
from portal.projects.models import Project


class History(enum.StrEnum):
    """What becomes of the past calls of a queue that moves."""

    STAYS = "stays"
    MOVES = "moves"


@dataclass(frozen=True)
class Effect:
    """Who sees an object only after a move from one project to another, and who only before."""

    gain: set[uuid.UUID]
    lose: set[uuid.UUID]


def effects(sources: list[uuid.UUID], target: Project) -> dict[uuid.UUID, Effect]:
    """Return the effect of a move into ``target``, by the project that it comes from."""
    people = queries.people_in([*sources, target.id])
    there = people[target.id]
    return {
        source: Effect(gain=there - people[source], lose=people[source] - there)
        for source in sources
    }


def move(item: Any, target: Project, *, history: History, actor: User) -> None:
    """Put an owned object into ``target``. The viewer sees both projects: the wall checks it."""
    if item.project_id == target.id:
        return
    _refuse_taken(item, target)
    try:
        with db.session.begin_nested():
            item.project_id = target.id
            item.version += 1
            item.changed_at, item.changed_by_id = utcnow(), actor.id
            db.session.flush()
    except IntegrityError as error:
        raise RefusedError(
            _("%(name)s is used by another object of its project.", name=item.name)
        ) from error
    if history is History.MOVES and isinstance(item, Queue):
        move_history(item, target)


def _refuse_taken(item: Any, target: Project) -> None:
    model = type(item)
    same = select(model.id).where(
        model.project_id == target.id, model.name_key == item.name_key, model.id != item.id
    )
    if db.session.scalars(same.limit(1)).first() is not None:
        raise RefusedError(
            _("%(project)s has another %(name)s already.", project=target.name, name=item.name)
        )
