"""Filling the roll-ups anew from visits and statuses: after the company's time zone has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from portal.calls.figures import ROLL_UPS
from portal.calls.models import Visit
from portal.calls.stamping import Row
from portal.calls.totals import COLUMNS, Totals, hold
from portal.company.models import Company
from portal.extensions import db
from portal.periods import day_of
from portal.statuses import days
from portal.wall.scope import unscoped


def stale() -> list[int]:
    """Return the companies whose days are not cut in their own time zone."""
    with unscoped("roll-ups are looked after for every company"):
        other = Company.figures_timezone.is_distinct_from(Company.timezone)
        return list(db.session.scalars(select(Company.id).where(other).order_by(Company.id)))


def recount(
    company_id: int, *, anyway: bool = False, check: Callable[[], None] = lambda: None
) -> int:
    """Fill the roll-ups of a company; return how many visits they are of. Does not commit.

    Imports wait until the end of the transaction. What is right already is left alone, except
    ``anyway``. ``check`` is called again and again, and may end it by raising.
    """
    with unscoped("roll-ups are of every project, and of none"):
        hold(company_id, alone=True)
        query = select(Company).where(Company.id == company_id)
        company = db.session.scalars(query, execution_options={"populate_existing": True}).one()
        zone = company.timezone
        if zone == company.figures_timezone and not anyway:
            return 0
        for table in ROLL_UPS:
            emptied = delete(table).where(table.company_id == company_id)
            db.session.execute(emptied.execution_options(synchronize_session=False))
        visits = 0
        for rows in _days(company_id, ZoneInfo(zone)):
            check()
            totals = Totals(company_id, ZoneInfo(zone))
            totals.add(rows)
            totals.write()
            visits += len(rows)
        days.recount(company_id, ZoneInfo(zone), check)
        company.figures_timezone = zone
        db.session.flush()
        db.session.expire_all()
    return visits


def _days(company_id: int, zone: ZoneInfo) -> Iterator[list[Row]]:
    """Yield what is counted of the visits of each day that has any."""
    own = Visit.company_id == company_id
    columns = select(*(getattr(Visit, name) for name in COLUMNS)).where(own)
    first = select(func.min(Visit.started_at)).where(own)
    moment: dt.datetime | None = db.session.scalar(first)
    while moment is not None:
        start, end = day_of(moment, zone)
        day = columns.where(Visit.started_at >= start, Visit.started_at < end)
        yield [row._asdict() for row in db.session.execute(day)]
        moment = db.session.scalar(first.where(Visit.started_at >= end))
