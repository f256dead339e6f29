"""Mailing reports that people subscribe to: when they are due, and as whom."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from portal.accounts import mail
from portal.audit import trail
from portal.company.models import Company
from portal.connections import only_reading
from portal.database import utcnow
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from portal.jobs.progress import Progress
from portal.jobs.registry import each_round, job
from portal.members.models import User
from portal.reports.kept import letters, operations
from portal.reports.kept.models import ReportSubscription
from portal.reports.kept.times import next_time
from portal.reports.registry import REPORTS
from portal.wall.scope import unscoped

KIND = "mail_report"
_KEPT = dt.timedelta(days=7)


@each_round
def start_due() -> None:
    """Start a job for each subscription that is due, and say in the same transaction when next.

    So there is one for each period, however many workers look and whenever one of them dies. What
    was missed while no worker ran is mailed once.
    """
    with unscoped("a worker looks for what is due to anybody"):
        with only_reading():
            if db.session.scalars(_due(ReportSubscription.id)).first() is None:
                return
        query = _due(ReportSubscription).with_for_update(skip_locked=True)
        while (one := db.session.scalars(query).first()) is not None:
            _start(one)
            db.session.commit()
        db.session.rollback()


def _due(what: Any) -> Any:
    due = ReportSubscription.next_at <= utcnow()
    return select(what).where(due).order_by(ReportSubscription.next_at).limit(1)


def _start(one: ReportSubscription) -> None:
    person = db.session.get_one(User, (one.company_id, one.person_id))
    company = db.session.get_one(Company, one.company_id)
    zone = ZoneInfo(person.timezone or company.timezone)
    one.next_at = next_time(one.every, one.hour, zone, utcnow())
    report = REPORTS.get(one.report)
    if report is not None and person.locked_at is None:
        with force_locale(person.language or company.language):
            title = str(report.label)
        enqueue(KIND, {"subscription_id": str(one.id)}, title=title, actor=person)


@job(KIND, label=_l("Report by mail"), quiet=True)
def send(progress: Progress, *, subscription_id: str) -> dict[str, Any] | None:
    """Mail a report to who is acting; the mail is committed together with the end of the job."""
    key = (g.actor.company_id, uuid.UUID(subscription_id))
    with only_reading():
        one = db.session.get(ReportSubscription, key)
        letter = letters.compose(one) if one is not None else None
    one = db.session.get(ReportSubscription, key, with_for_update=True)
    if one is None or letter is None:
        return None  # ended meanwhile
    if letter.ends:
        operations.delete(one)
    else:
        trail.record(
            "mailed",
            kind="report",
            object_name=letter.subject,
            detail={"filter": one.filter[:2000], "rows": letter.rows},
        )
    mail.queue(letter.recipient, letter.subject, "reports/kept/mail.txt", **letter.context)
    return {"rows": letter.rows}


@each_round
def forget_sent() -> None:
    """Remove the jobs of mails that were sent a week ago: nobody looks for them."""
    old = (Job.kind == KIND, Job.state == "done", Job.finished_at < utcnow() - _KEPT)
    with unscoped("a worker tidies up for every company"):
        with only_reading():
            if db.session.scalars(select(Job.id).where(*old).limit(1)).first() is None:
                return
        db.session.execute(delete(Job).where(*old).execution_options(synchronize_session=False))
        db.session.commit()
