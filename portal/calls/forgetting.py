"""Raw lines that were kept long enough go; the calls that were built from them stay as they are."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import literal_column, or_, select, update

from portal.calls.evidence import FORGETTABLE, CallSource, EvidenceLine
from portal.calls.gathering import STARTS
from portal.calls.identifiers import stable_id
from portal.connections import only_reading
from portal.database import utcnow
from portal.extensions import db
from portal.wall.scope import unscoped

AT_ONCE = 2000


def forget_old_lines() -> int:
    """Empty lines that are older than their source keeps them; return how many. Commits.

    That a line was there stays known, so that the same file again is nothing new. What operators
    did between calls stays: it names no caller, and their time is told anew from it.
    """
    forgotten = 0
    with unscoped("raw lines are of every company, and of no project"):
        with only_reading():
            kept = select(CallSource.company_id, CallSource.id, CallSource.keep_days)
            sources = db.session.execute(kept.where(CallSource.keep_days.is_not(None))).all()
        for company_id, source_id, days in sources:
            forgotten += _forget(company_id, source_id, days or 0)
    return forgotten


def _forget(company_id: int, source_id: uuid.UUID, days: int) -> int:
    since = int((utcnow() - dt.timedelta(days=days)).timestamp())
    line = EvidenceLine
    old = select(line.id).where(
        line.company_id == company_id,
        line.source_id == source_id,
        literal_column(FORGETTABLE),
        or_(line.thread.is_(None), line.thread != STARTS),
    )
    # What has no time is as old as its id.
    when = (line.at < since, line.at.is_(None) & (line.id < stable_id(since)))
    with only_reading():
        ids = [key for due in when for key in db.session.scalars(old.where(due).limit(AT_ONCE))]
    if ids:
        db.session.execute(
            update(line)
            .where(line.company_id == company_id, line.id.in_(ids))
            .values(raw=b"")
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
    return len(ids)
