"""Raw lines that were kept long enough go; the calls that were built from them stay as they are."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, or_, select, update

from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.gathering import STARTS, tag_of
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
        sources = select(CallSource).where(CallSource.keep_days.is_not(None))
        for source in list(db.session.scalars(sources)):
            forgotten += _forget(source.company_id, source.id, source.keep_days or 0)
        db.session.commit()
    return forgotten


def _forget(company_id: int, source_id: object, days: int) -> int:
    since = utcnow() - dt.timedelta(days=days)
    line = EvidenceLine
    runs = select(ImportRun.id).where(
        ImportRun.company_id == company_id,
        ImportRun.source_id == source_id,
        ImportRun.started_at < since,
    )
    old = select(line.id).where(
        line.company_id == company_id,
        line.source_id == source_id,
        line.raw != b"",
        or_(line.at < int(since.timestamp()), and_(line.at.is_(None), line.run_id.in_(runs))),
        or_(line.thread.is_(None), line.thread != STARTS),
        or_(line.tag.is_(None), line.tag.not_like(f"{tag_of('')}%")),
    )
    ids = list(db.session.scalars(old.limit(AT_ONCE)))
    if ids:
        db.session.execute(
            update(line)
            .where(line.company_id == company_id, line.id.in_(ids))
            .values(raw=b"")
            .execution_options(synchronize_session=False)
        )
    return len(ids)
