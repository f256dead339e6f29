"""What is asked of jobs. The wall shows a person their own, and all to who sees everything."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.extensions import db
from portal.jobs.models import Job

PAGE = 50


def jobs(before: uuid.UUID | None = None) -> list[Job]:
    """Return up to ``PAGE + 1`` jobs, the newest first, older than ``before``."""
    query = select(Job).options(joinedload(Job.started_by)).order_by(Job.id.desc())
    if before is not None:
        query = query.where(Job.id < before)
    return list(db.session.scalars(query.limit(PAGE + 1)))


def job_about(about_id: uuid.UUID) -> Job | None:
    """Return the latest job that works, or worked, on a thing."""
    query = select(Job).where(Job.about_id == about_id).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()
