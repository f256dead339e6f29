"""What somebody keeps of reports. The wall shows the rows of others to who sees everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from sqlalchemy import func, select

from portal.extensions import db
from portal.reports.kept.models import FavouriteReport, ReportSubscription, SavedReport
from portal.reports.registry import offered
from portal.reports.terms import Report


def favourites() -> set[str]:
    """Return the names of the reports with a star."""
    query = select(FavouriteReport.report).where(FavouriteReport.person_id == g.actor.id)
    return set(db.session.scalars(query))


def saved(report: Report | None = None) -> Sequence[SavedReport]:
    """Return the saved filters, of one report or of all that may be opened."""
    query = _mine(SavedReport).order_by(SavedReport.name_key, SavedReport.id)
    return _offered(query, report)


def subscriptions(report: Report | None = None) -> Sequence[ReportSubscription]:
    return _offered(_mine(ReportSubscription).order_by(ReportSubscription.id), report)


def count(model: Any) -> int:
    query = select(func.count(model.id)).where(model.person_id == g.actor.id)
    return db.session.scalar(query) or 0


def _mine(model: Any) -> Any:
    return select(model).where(model.person_id == g.actor.id)


def _offered(query: Any, report: Report | None) -> Sequence[Any]:
    names = {report.name} if report else {one.name for one in offered()}
    return [row for row in db.session.scalars(query) if row.report in names]
