"""Operators, groups and numbers of queues: parts of a queue, that move and go with it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.members.models import Group, User
from portal.objects.kinds.queue import Queue

MOST_PENALTY = 100


class QueueUser(ProjectOwned, db.Model):
    """One operator of a queue; the higher the penalty, the later they are asked."""

    __tablename__ = "queue_users"
    __audit__ = False  # told as a change of the queue
    part_of: ClassVar[str] = "queue"
    __table_args__ = (UniqueConstraint("company_id", "queue_id", "user_id"),)

    queue = Ref(Queue, same_project=True, ondelete="CASCADE")
    user = Ref(User, ondelete="CASCADE")
    penalty: Mapped[int] = mapped_column(default=0)


class QueueGroup(ProjectOwned, db.Model):
    """One group of operators of a queue."""

    __tablename__ = "queue_groups"
    __audit__ = False  # as above
    part_of: ClassVar[str] = "queue"
    __table_args__ = (UniqueConstraint("company_id", "queue_id", "group_id"),)

    queue = Ref(Queue, same_project=True, ondelete="CASCADE")
    group = Ref(Group, ondelete="CASCADE")
    penalty: Mapped[int] = mapped_column(default=0)


class QueueNumber(ProjectOwned, db.Model):
    """One number that leads to a queue.

    It leads to one queue among those that somebody sees together: a constraint would betray others.
    """

    __tablename__ = "queue_numbers"
    __audit__ = False  # as above
    part_of: ClassVar[str] = "queue"
    __table_args__ = (
        UniqueConstraint("company_id", "queue_id", "number"),
        Index(None, "company_id", "number"),
    )

    queue = Ref(Queue, same_project=True, ondelete="CASCADE")
    number: Mapped[str] = mapped_column(String(32))


MEMBERS: dict[str, tuple[type[QueueUser] | type[QueueGroup], type[User] | type[Group]]] = {
    "user": (QueueUser, User),
    "group": (QueueGroup, Group),
}


def member_id(row: QueueUser | QueueGroup) -> uuid.UUID:
    found: uuid.UUID = row.user_id if isinstance(row, QueueUser) else row.group_id  # type: ignore[attr-defined]  # Ref makes them
    return found
