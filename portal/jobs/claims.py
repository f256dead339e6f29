"""Who works on which job: a claim is taken, renewed, and checked by each commit of the job.

A claim has a lease. A worker that dies, hangs or loses the database lets it lapse, and another one
takes the job. Should the first wake up after all, it can commit nothing more: each commit of a job
renews the lease in the same transaction, and fails where the claim is another's.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, has_app_context
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import event, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from portal.connections import only_reading
from portal.database import new_id, utcnow
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.progress import Lost
from portal.wall.scope import unscoped

MOST_ATTEMPTS = 3


@dataclass
class Claim:
    """One taking of a job. ``news`` is written with the next commit."""

    company_id: int
    job_id: uuid.UUID
    token: uuid.UUID
    kind: str
    arguments: dict[str, Any]
    person_id: uuid.UUID
    attempts: int
    news: dict[str, Any] = field(default_factory=dict)
    cancel_requested: bool = False
    lost: bool = False


def take() -> Claim | None:
    """Take the oldest job that nobody works on; ``None`` if there is none."""
    with unscoped("a worker takes the jobs of every company"):
        with only_reading():  # SQLite: who only looks must not keep others from writing
            if db.session.scalars(_free()).first() is None:
                return None
        query = _free(Job).with_for_update(skip_locked=True)
        while (job := db.session.scalars(query).first()) is not None:
            claim = _taken(job)
            db.session.commit()
            if claim is not None:
                return claim
        db.session.rollback()
        return None


def _free(what: Any = Job.id) -> Any:
    lapsed = or_(Job.lease_until.is_(None), Job.lease_until < utcnow())
    return select(what).where(Job.finished_at.is_(None), lapsed).order_by(Job.id).limit(1)


def _taken(job: Job) -> Claim | None:
    """Mark a job as taken, or end one that shall not run again."""
    if job.cancel_requested:
        job.state, job.finished_at = "cancelled", utcnow()
        return None
    if job.attempts >= MOST_ATTEMPTS:
        job.state, job.finished_at = "failed", utcnow()
        with force_locale(job.started_by.language or "en"):
            job.error = _("Its worker ended three times in the middle.")
        return None
    job.state, job.attempts, job.claim = "running", job.attempts + 1, new_id()
    job.lease_until, job.started_at = _until(), job.started_at or utcnow()
    return Claim(
        company_id=job.company_id,
        job_id=job.id,
        token=job.claim,
        kind=job.kind,
        arguments=job.arguments,
        person_id=job.person_id,
        attempts=job.attempts,
    )


def hold(claim: Claim, /, **values: Any) -> None:
    """Renew the lease in the transaction that is open, and write ``values``; or find it lost."""
    held = (
        update(Job)
        .where(
            Job.company_id == claim.company_id,
            Job.id == claim.job_id,
            Job.claim == claim.token,
            Job.finished_at.is_(None),
        )
        .values({"lease_until": _until(), **values})
        .returning(Job.cancel_requested)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()  # within the scope
    with unscoped("a claim is the worker's, whatever the person of the job sees"):
        asked = db.session.execute(held).scalar_one_or_none()
    if asked is None:
        claim.lost = True
        raise Lost
    claim.cancel_requested = asked


def end(claim: Claim, state: str, **values: Any) -> None:
    """Write how a job ended, together with what it has not committed yet."""
    g.pop("job_claim", None)
    hold(claim, state=state, finished_at=utcnow(), lease_until=None, **claim.news, **values)
    db.session.commit()


def hand_back(claim: Claim, *, after_s: float = 0, counts: bool) -> None:
    """Let the next worker go on; ``counts``: as an attempt."""
    g.pop("job_claim", None)
    hold(
        claim,
        state="waiting",
        claim=None,
        lease_until=utcnow() + dt.timedelta(seconds=after_s) if after_s else None,
        attempts=claim.attempts - (not counts),
    )
    db.session.commit()


@contextmanager
def kept(app: Flask, claim: Claim) -> Iterator[None]:
    """Renew the lease from a thread, and check it at each commit in this app context."""
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(app, claim, over), daemon=True)
    thread.start()
    g.job_claim = claim
    try:
        yield
    finally:
        g.pop("job_claim", None)
        over.set()
        thread.join()


def _renew(app: Flask, claim: Claim, over: threading.Event) -> None:
    while not over.wait(app.config["JOB_LEASE_S"] / 3):
        with app.app_context():
            try:
                hold(claim)
                db.session.commit()
            except Lost:
                return
            except SQLAlchemyError:  # SQLite: the job itself is writing; its commit renews too
                db.session.rollback()


def install() -> None:
    """Listen to the sessions of the portal: before the trail, which takes its lock after this."""
    if not event.contains(db.session, "before_commit", _before_commit):
        event.listen(db.session, "before_commit", _before_commit, insert=True)


def _before_commit(session: Any) -> None:
    claim = g.get("job_claim") if has_app_context() else None
    if claim is not None and not session.in_nested_transaction():
        hold(claim, **claim.news)
        claim.news.clear()


def _until() -> dt.datetime:
    return utcnow() + dt.timedelta(seconds=current_app.config["JOB_LEASE_S"])
