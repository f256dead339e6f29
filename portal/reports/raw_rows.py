"""The raw rows of a report: those that it lists, and those behind one of its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from portal.extensions import db
from portal.reports import places, plans
from portal.reports.asked import Asked, Behind


def page(
    asked: Asked, behind: Behind | None, before: tuple[Any, Any] | None, limit: int
) -> list[Any]:
    """Return up to ``limit`` raw rows: their id, their time or order, and their columns."""
    fact = asked.report.fact
    if asked.report.rows:
        return places.listed(asked.report.rows(asked, behind), before)[:limit]
    named = [column.of.label(f"c{place}") for place, column in enumerate(asked.report.row_columns)]
    query = select(fact.id.label("id"), places.order(fact).label("at"), *named)
    query = query.select_from(fact.model)
    query = plans.restricted(query, asked, asked.period, None, behind)
    if fact.merged:
        query = query.group_by(fact.id, places.order(fact), *fact.merged)
    return list(db.session.execute(places.after(query, fact, before).limit(limit)))


def pages(asked: Asked, behind: Behind | None = None, size: int = 1000) -> Iterator[list[Any]]:
    """Yield all rows in their order, some at a time: for exports."""
    if asked.report.rows:
        yield asked.report.rows(asked, behind)
        return
    before = None
    while found := page(asked, behind, before, size):
        yield found
        before = (found[-1].at, found[-1].id)
        if len(found) < size:
            return


def count(asked: Asked, behind: Behind | None = None, most: int | None = None) -> int:
    """Return how many rows there are, counted up to ``most``."""
    if asked.report.rows:
        return len(asked.report.rows(asked, behind)[:most])
    query = plans.restricted(select(asked.report.fact.id), asked, asked.period, None, behind)
    if asked.report.fact.merged:
        query = query.distinct()
    return db.session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0
