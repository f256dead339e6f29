"""Jobs: what somebody started, and how far it has got."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, and_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.database import PersonOwned, utcnow
from portal.extensions import db
from portal.jobs.registry import KINDS, Kind
from portal.members.models import User

STATES = ("waiting", "running", "done", "failed", "cancelled")
_OPEN = text("finished_at IS NULL")


class Job(PersonOwned, db.Model):
    """One run of a registered function, in the scope of the person who started it."""

    __tablename__ = "jobs"
    __audit__ = False  # what a job does is told by what it changes
    __table_args__ = (
        Index("ix_jobs_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "company_id", "person_id", "id"),
        Index(None, "company_id", "about_id"),
    )
    one_at_a_time: ClassVar[bool] = True  # what has ended meanwhile is not cancelled after all

    kind: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(300))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    # The thing that it works on, for the page of that thing.
    about_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # 0: not known yet
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str] = mapped_column(String(500), default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    # Which taking of the job is in force, and until when unless it is renewed.
    claim: Mapped[uuid.UUID | None]
    lease_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    started_by: Mapped[User] = relationship(
        User,
        primaryjoin=lambda: and_(
            Job.company_id == User.company_id, foreign(Job.person_id) == User.id
        ),
        viewonly=True,
    )

    @property
    def is_open(self) -> bool:
        """Whether it waits or is at work."""
        return self.finished_at is None

    @property
    def registered(self) -> Kind | None:
        """What is known of jobs of this kind; ``None``: a newer or older portal made it."""
        return KINDS.get(self.kind)

    @property
    def may_be_cancelled(self) -> bool:
        kind = self.registered
        return self.is_open and not self.cancel_requested and (kind is None or kind.cancellable)

    @property
    def outcome(self) -> str:
        kind = self.registered
        done = self.state == "done" and kind is not None and kind.outcome
        return done(self.result or {}) if done else ""
