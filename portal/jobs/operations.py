"""Starting jobs, and stopping them."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext as _

from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.registry import KINDS
from portal.members.models import User


def enqueue(
    kind: str,
    arguments: dict[str, Any],
    *,
    title: str,
    actor: User,
    about: uuid.UUID | None = None,
) -> Job:
    """Let a worker run the function ``kind`` after this transaction is committed.

    ``arguments`` are JSON. ``title`` is shown to ``actor`` and to who sees everything. ``about``:
    the id of the thing that it works on, see :func:`portal.jobs.queries.job_about`.
    """
    if kind not in KINDS:
        raise LookupError(f"no function is registered for jobs named {kind!r}")
    job = Job(
        company_id=actor.company_id,
        person_id=actor.id,
        kind=kind,
        title=title[:300],
        arguments=arguments,
        about_id=about,
    )
    db.session.add(job)
    db.session.flush()
    return job


def cancel(job: Job, *, actor: User) -> None:
    """Stop a job: at once if it waits, else as soon as its function looks up."""
    if not job.is_open:
        return  # it ended while somebody pressed the button
    if job.cancel_requested:
        return
    if not job.may_be_cancelled:
        raise RefusedError(_("This cannot be cancelled: it would be left half done."))
    job.cancel_requested = True
    if job.state == "waiting":
        job.state, job.finished_at = "cancelled", utcnow()
    db.session.flush()
