"""Keeping filters and stars, and having reports mailed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import languages
from portal.database import name_key, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.reports.kept import queries
from portal.reports.kept.addresses import MOST_CHARACTERS
from portal.reports.kept.models import FavouriteReport, ReportSubscription, SavedReport
from portal.reports.kept.times import next_time
from portal.reports.terms import Report

MOST_SAVED, MOST_SUBSCRIPTIONS = 200, 50


def favour(report: Report, wanted: bool, *, actor: User) -> None:
    """Give a report its star, or take it; asked twice it stays so."""
    found = db.session.scalars(
        select(FavouriteReport).where(
            FavouriteReport.person_id == actor.id, FavouriteReport.report == report.name
        )
    ).first()
    if wanted and found is None:
        with suppress(IntegrityError), db.session.begin_nested():  # two presses at once
            db.session.add(_new(FavouriteReport, report, actor))
    elif found is not None and not wanted:
        db.session.delete(found)
    db.session.flush()


def save(report: Report, filter: str, name: str, *, actor: User) -> SavedReport:
    """Keep filters under a name that the person has not given to others of this report."""
    if queries.count(SavedReport) >= MOST_SAVED:
        raise RefusedError(_("At most %(max)d are kept. Delete one first.", max=MOST_SAVED))
    one = _new(SavedReport, report, actor, filter=_short_enough(filter))
    rename(one, name)
    return one


def rename(saved: SavedReport, name: str) -> None:
    try:
        with db.session.begin_nested():
            saved.name, saved.name_key = name, name_key(name)
            db.session.add(saved)
    except IntegrityError as error:
        message = _("You have kept other filters under this name.")
        raise RefusedError(message, field="name") from error


def subscribe(
    report: Report, filter: str, *, every: str, hour: int, actor: User
) -> ReportSubscription:
    if queries.count(ReportSubscription) >= MOST_SUBSCRIPTIONS:
        message = _("At most %(max)d are kept. Delete one first.", max=MOST_SUBSCRIPTIONS)
        raise RefusedError(message)
    one = _new(ReportSubscription, report, actor)
    db.session.add(one)
    reschedule(one, filter, every=every, hour=hour)
    return one


def reschedule(one: ReportSubscription, filter: str, *, every: str, hour: int) -> None:
    one.filter, one.every, one.hour = _short_enough(filter), every, hour
    one.next_at = next_time(every, hour, ZoneInfo(languages.timezone()), utcnow())
    db.session.flush()


def delete(row: SavedReport | ReportSubscription) -> None:
    db.session.delete(row)
    db.session.flush()


def _new(model: Any, report: Report, actor: User, **values: Any) -> Any:
    return model(company_id=actor.company_id, person_id=actor.id, report=report.name, **values)


def _short_enough(filter: str) -> str:
    if len(filter) > MOST_CHARACTERS:
        raise RefusedError(_("Too many values are chosen at once."))
    return filter
