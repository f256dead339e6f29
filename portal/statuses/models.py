"""Operators' time: what they were doing when, for which projects, and that they were there at all.

For who reads (reports):

* :class:`OperatorStatus` rows of one operator never overlap: each moment is in one of them at most.
  A row belongs to a SET of projects, those whose queues the operator stood by for: who sees any of
  them sees the row, and nobody counts it twice. Talk belongs to the project of its visit alone.
* :class:`Presence` says that somebody was online, and is shown to who may see the person. What of a
  presence is not in a row that one sees is N/A: worked, no telling where (:mod:`.queries` does it).
* Never show ``project_set_id``, and draw rows together that only differ in it: that an operator
  joined another project's queue is that project's business.
* :class:`StatusDay` and :class:`PresenceDay` are the same by days of the company's zone. ``count``
  counts beginnings; a status that goes on after midnight or after a call is counted once.
* ``agent_id`` is the operator's id, or, of a word that is mapped to nobody, one made of the word.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import CompanyScoped, PeopleRow, ProjectShared, Ref, SharedPart
from portal.extensions import db

READY, TALK, AFTER_CALL, AWAY = STATUSES = ("ready", "talk", "after_call", "away")
REASON_LENGTH = 80


class ProjectSet(ProjectShared, db.Model):
    """Some projects together, or none; its id follows from theirs."""

    __tablename__ = "project_sets"
    __audit__ = False  # built from an import, which is one entry
    by_links = True


def _of_operator() -> ForeignKeyConstraint:
    """A reference without an index: rows of an operator are found by ``agent_id``."""
    return ForeignKeyConstraint(["company_id", "operator_id"], ["users.company_id", "users.id"])


class _OfAgent:
    """Whose a row is."""

    agent_id: Mapped[uuid.UUID]
    operator_id: Mapped[uuid.UUID | None]


class _OfProjects(_OfAgent, SharedPart):
    """A row about one operator, and about some projects."""

    parts: ClassVar[tuple[str, ...]] = ("project_set",)
    project_set: Any = Ref(ProjectSet)
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))


class OperatorStatus(_OfProjects, db.Model):
    """What one operator was doing, from one moment to another."""

    __tablename__ = "operator_statuses"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _of_operator(),
        Index(None, "company_id", "agent_id", "starts_at"),
        Index(None, "company_id", "starts_at"),
    )

    # Of a word that is mapped to nobody: where it was said.
    source_id: Mapped[uuid.UUID | None]
    agent_raw: Mapped[str | None] = mapped_column(String(128))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    # No end of it was seen yet: ``ends_at`` is how far the exchange's log is known.
    going_on: Mapped[bool]
    begins: Mapped[bool]  # false: it went on after a call, or for other projects
    queues: Mapped[str] = mapped_column(String(32))  # which queues it was for, as a hash


class Presence(_OfAgent, PeopleRow, CompanyScoped, db.Model):
    """One operator was online: a member of a queue, signed in, or talking."""

    __tablename__ = "presences"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _of_operator(),
        Index(None, "company_id", "agent_id", "starts_at"),
        Index(None, "company_id", "starts_at"),
    )

    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    going_on: Mapped[bool]


class StatusDay(_OfProjects, db.Model):
    """The time that an operator spent in one status on one day of the company's zone."""

    __tablename__ = "status_days"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _of_operator(),
        Index(None, "company_id", "agent_id", "starts_at"),
        Index(None, "company_id", "starts_at"),
    )

    starts_at: Mapped[dt.datetime]  # local midnight
    seconds: Mapped[int]
    count: Mapped[int]
    longest: Mapped[int]


class PresenceDay(_OfAgent, PeopleRow, CompanyScoped, db.Model):
    """How long an operator was online on one day of the company's zone, since and until when."""

    __tablename__ = "presence_days"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _of_operator(),
        Index(None, "company_id", "agent_id", "starts_at"),
        Index(None, "company_id", "starts_at"),
    )

    starts_at: Mapped[dt.datetime]
    seconds: Mapped[int]
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
