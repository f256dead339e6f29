"""What is asked of jobs. The wall shows a person their own, and all to who sees everything."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.registry import KINDS

PAGE = 50


def jobs(before: uuid.UUID | None = None) -> list[Job]:
    """Return up to ``PAGE + 1`` jobs, the newest first, older than ``before``."""
    quiet = [kind.name for kind in KINDS.values() if kind.quiet]
    shown = or_(Job.kind.not_in(quiet), Job.state == "failed")
    query = select(Job).options(joinedload(Job.started_by)).where(shown).order_by(Job.id.desc())
    if before is not None:
        query = query.where(Job.id < before)
    return list(db.session.scalars(query.limit(PAGE + 1)))


def job_about(about_id: uuid.UUID) -> Job | None:
    """Return the latest job that works, or worked, on a thing."""
    query = select(Job).where(Job.about_id == about_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()
