"""Filling the roll-ups anew from visits and statuses: after the time zone or prices changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, select

from portal.calls import costs
from portal.calls.costs import CostDay
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
    return _companies(Company.figures_timezone.is_distinct_from(Company.timezone))


def repriced() -> list[int]:
    """Return the companies whose costs are yet to be counted by the prices of now."""
    return _companies(
        Company.costs_version != Company.prices_version, Company.figures_timezone.is_not(None)
    )


def _companies(*where: ColumnElement[bool]) -> list[int]:
    with unscoped("roll-ups are looked after for every company"):
        return list(db.session.scalars(select(Company.id).where(*where).order_by(Company.id)))


def recount(
    company_id: int, *, anyway: bool = False, check: Callable[[], None] = lambda: None
) -> int:
    """Fill the roll-ups of a company; return how many visits they are of. Does not commit.

    Imports wait until the end of the transaction. What is right already is left alone, except
    ``anyway``. ``check`` is called again and again, and may end it by raising.
    """
    with unscoped("roll-ups are of every project, and of none"):
        hold(company_id, alone=True)
        company = _company(company_id)
        zone, version = company.timezone, company.prices_version
        if zone == company.figures_timezone and not anyway:
            return 0
        for table in ROLL_UPS:
            _empty(table, table.company_id == company_id)
        _empty(CostDay, CostDay.company_id == company_id)
        visits = 0
        for start, end in _days(company_id, ZoneInfo(zone)):
            check()
            totals = Totals(company_id, ZoneInfo(zone))
            rows = _visits(COLUMNS, company_id, start, end)
            totals.add(rows)
            totals.write()
            visits += len(rows)
        days.recount(company_id, ZoneInfo(zone), check)
        company.figures_timezone, company.costs_version = zone, version
        db.session.flush()
        db.session.expire_all()
    return visits


def recount_costs(company_id: int) -> None:
    """Count costs by the prices of now, each day in a transaction of its own.

    So nobody waits for long; an import meanwhile adds to a day what its visits cost, before or
    after that is counted. Only at the end costs are said to be of these prices, or later ones:
    each day is counted by those that it finds.
    """
    with unscoped("costs are of every project, and of none"):
        company = _company(company_id)
        version, cut = company.prices_version, company.figures_timezone
        zone, charged = ZoneInfo(cut or "UTC"), costs.charged(Visit)
        for start, end in _days(company_id, zone, *charged):
            hold(company_id, alone=True)
            if _company(company_id).figures_timezone != cut:
                break  # all is counted anew by somebody else
            _empty(CostDay, CostDay.company_id == company_id, CostDay.starts_at == start)
            day = costs.Costs(company_id, zone)
            for row in _visits(costs.COLUMNS, company_id, start, end, *charged):
                day.count(row, 1)
            day.write()
            db.session.commit()
        else:
            hold(company_id)
            company = _company(company_id)
            if company.figures_timezone == cut:
                company.costs_version = max(company.costs_version, version)
        db.session.commit()


def _company(company_id: int) -> Company:
    query = select(Company).where(Company.id == company_id)
    return db.session.scalars(query, execution_options={"populate_existing": True}).one()


def _empty(table: Any, *where: ColumnElement[bool]) -> None:
    emptied = delete(table).where(*where)
    db.session.execute(emptied.execution_options(synchronize_session=False))


def _days(
    company_id: int, zone: ZoneInfo, *conditions: ColumnElement[bool]
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield when each day begins and ends that has such visits."""
    first = select(func.min(Visit.started_at)).where(Visit.company_id == company_id, *conditions)
    moment: dt.datetime | None = db.session.scalar(first)
    while moment is not None:
        start, end = day_of(moment, zone)
        yield start, end
        moment = db.session.scalar(first.where(Visit.started_at >= end))


def _visits(
    names: Sequence[str],
    company_id: int,
    start: dt.datetime,
    end: dt.datetime,
    *conditions: ColumnElement[bool],
) -> list[Row]:
    query = select(*(getattr(Visit, name) for name in names)).where(
        Visit.company_id == company_id,
        Visit.started_at >= start,
        Visit.started_at < end,
        *conditions,
    )
    return [row._asdict() for row in db.session.execute(query)]
