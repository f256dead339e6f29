"""Letting time pass for the leases of jobs."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from portal.database import utcnow
from portal.extensions import db
from portal.jobs.models import Job
from portal.wall.scope import unscoped


def expire(app: Flask) -> None:
    """Let all leases lapse, as if their workers had died long ago."""
    with app.app_context(), unscoped("the test lets time pass"):
        long_ago = utcnow().replace(year=2001)
        taken = update(Job).where(Job.lease_until.is_not(None))
        db.session.execute(taken.values(lease_until=long_ago))
        db.session.commit()
