"""Moving an owned object into another project: who gains and loses sight of it, and its history."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from portal.access.permissions import Permission
from portal.audit import trail
from portal.calls.restamping import move_history, move_steps
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import Role, RolePermission, User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.projects import queries
from portal.projects.models import Project


class History(enum.StrEnum):
    """What becomes of the past calls of a queue or dialer that moves."""

    STAYS = "stays"
    MOVES = "moves"


@dataclass(frozen=True)
class Effect:
    """Who sees an object only after a move from one project to another, and who only before."""

    gain: set[uuid.UUID]
    lose: set[uuid.UUID]


def effects(sources: Collection[uuid.UUID], target: Project) -> dict[uuid.UUID, Effect]:
    """Return the effect of a move into ``target``, by the project that it comes from."""
    if not sources:
        return {}
    people = queries.people_in({*sources, target.id})
    untouched = _untouched()
    there = people[target.id] - untouched
    return {
        source: Effect(
            gain=there - people[source], lose=people[source] - people[target.id] - untouched
        )
        for source in sources
    }


def _untouched() -> set[uuid.UUID]:
    """Return whose sight no move changes: those who see everything, and who is locked out."""
    seeing_all = select(RolePermission.role_id).where(
        RolePermission.permission == Permission.SEE_EVERYTHING.value
    )
    sees_all = or_(Role.template == "admin", Role.id.in_(seeing_all))
    query = select(User.id).join(User.role).where(or_(sees_all, User.locked_at.is_not(None)))
    return set(db.session.scalars(query))


def move(item: Any, target: Project, *, actor: User) -> None:
    """Put an owned object into ``target``. The viewer sees both projects: the wall checks it."""
    item.project_id = target.id
    item.version += 1
    item.changed_at, item.changed_by_id = utcnow(), actor.id
    with_calls = isinstance(item, Queue | Dialer)
    trail.note(item, "moved", {"history": History.STAYS.value} if with_calls else None)


def take_history(item: Any, target: Project) -> None:
    """Let the past of a moved queue, dialer or scenario follow it; other kinds have none."""
    if isinstance(item, Queue | Dialer):
        visits = move_history(item, target)
        trail.note(item, "moved", {"history": History.MOVES.value, "visits": visits})
    elif isinstance(item, Scenario):
        trail.note(
            item, "moved", {"history": History.MOVES.value, "steps": move_steps(item, target)}
        )


def refuse_taken(items: Sequence[Any], target: Project) -> None:
    """Names are unique within a project: refuse before the database does, and say which."""
    if not items:
        return
    model = type(items[0])
    keys = [item.name_key for item in items]
    same = select(model.name_key).where(model.project_id == target.id, model.name_key.in_(keys))
    taken = set(db.session.scalars(same))
    for item in items:
        if item.name_key in taken:
            raise RefusedError(
                _("%(project)s has another %(name)s already.", project=target.name, name=item.name)
            )
        taken.add(item.name_key)
