"""Keeping the totals with the visits: what a change of visits changes in hours and days."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from portal.calls.identifiers import stable_id
from portal.calls.models import ProjectDay, VisitDay, VisitHour
from portal.calls.stamping import Row, chunks
from portal.extensions import db

_KEYS = ("starts_at", "project_id", "queue_id", "dialer_id", "direction", "result")
_MEASURES = (
    "visits",
    "first_visits",
    "only_visits",
    "wait_s",
    "talk_s",
    "answered",
    "abandoned",
)
Delta = dict[tuple[Any, ...], list[int]]


def _nothing() -> Delta:
    return defaultdict(lambda: [0] * len(_MEASURES))


class Totals:
    """Collects visits that came and went; ``write`` changes the totals by them."""

    def __init__(self, company_id: int) -> None:
        self.company_id = company_id
        self._delta = _nothing()

    def add(self, visits: Iterable[Row]) -> None:
        self._count(visits, 1)

    def take(self, visits: Iterable[Row]) -> None:
        self._count(visits, -1)

    def _count(self, visits: Iterable[Row], sign: int) -> None:
        for visit in visits:
            hour = visit["started_at"].replace(minute=0, second=0, microsecond=0)
            sums = self._delta[(hour, *(visit[key] for key in _KEYS[1:]))]
            measures = (
                1,
                visit["first_in_project"] and not visit["crosses_projects"],
                visit["only_visit"],
                visit["wait_s"] or 0,
                visit["talk_s"] or 0,
                visit["result"] == "answered",
                visit["result"] == "abandoned",
            )
            for place, measure in enumerate(measures):
                sums[place] += sign * int(measure)

    def write(self) -> None:
        """Add the collected changes to the tables and forget them."""
        days = _gathered(self._delta, _KEYS, {"hour": 0})
        _write(VisitHour, self.company_id, _KEYS, self._delta)
        _write(VisitDay, self.company_id, _KEYS, days)
        _write(ProjectDay, self.company_id, _KEYS[:2], _gathered(days, _KEYS[:2]))
        self._delta = _nothing()


def _gathered(delta: Delta, keys: tuple[str, ...], cut: dict[str, int] | None = None) -> Delta:
    """Sum up by the first ``keys`` only, and by times of which ``cut`` is left out."""
    coarser = _nothing()
    for key, sums in delta.items():
        coarse = coarser[(key[0].replace(**cut or {}), *key[1 : len(keys)])]
        coarse[:] = [one + other for one, other in zip(coarse, sums, strict=True)]
    return coarser


def _write(model: Any, company_id: int, keys: tuple[str, ...], delta: Delta) -> None:
    measures = [name for name in _MEASURES if hasattr(model, name)]
    rows: list[Row] = []
    for key, sums in delta.items():
        if any(sums):
            named = dict(zip(_MEASURES, sums, strict=True))
            row: Row = {"company_id": company_id, "id": _id(model, company_id, key)}
            row.update(zip(keys, key, strict=True))
            rows.append(row | {name: named[name] for name in measures})
    if not rows:
        return
    rows.sort(key=lambda row: row["id"])  # in one order: imports side by side must not deadlock
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[db.engine.dialect.name]
    statement = dialect.insert(model)
    statement = statement.on_conflict_do_update(
        index_elements=["company_id", "id"],
        set_={name: getattr(model, name) + statement.excluded[name] for name in measures},
    )
    db.session.execute(statement, rows)
    less = [row["id"] for row in rows if row["visits"] < 0]
    for part in chunks(less):
        db.session.execute(
            delete(model)
            .where(model.company_id == company_id, model.id.in_(part), model.visits == 0)
            .execution_options(synchronize_session=False)
        )


def _id(model: Any, company_id: int, key: tuple[Any, ...]) -> uuid.UUID:
    """Name a row by what it is the total of, so that two imports cannot make it twice."""
    start: dt.datetime = key[0]
    parts = [part.hex if isinstance(part, uuid.UUID) else str(part) for part in key[1:]]
    return stable_id(int(start.timestamp()), model.__tablename__, str(company_id), *parts)
