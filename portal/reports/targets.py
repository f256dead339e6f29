"""What projects are to reach, and which rows of a report it holds for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.reports.asked import Asked
from portal.reports.terms import Dimension, Measure
from portal.wall.scope import current
from portal.wall.session import PLAIN

Targets = Mapping[str, float]
_QUEUES = select(Queue.id, Queue.project_id).execution_options(**{PLAIN: True})
_PERCENT = ("service_level", "abandonment", "occupancy")
_COLUMNS = {
    "service_level": Project.target_service_level,
    "abandonment": Project.target_abandonment,
    "aht": Project.target_aht_s,
    "occupancy": Project.target_occupancy,
}
_TARGETS = (
    select(Project.id, *_COLUMNS.values())
    .where(or_(*(column.is_not(None) for column in _COLUMNS.values())))
    .execution_options(**{PLAIN: True})
)


def of_rows(
    asked: Asked, by: Sequence[Dimension], keys: Iterable[tuple[Any, ...]]
) -> dict[Any, Targets]:
    """Return the targets of each row that is of one project, and those of all under ()."""
    known = _known() if any(measure.kpi for measure in asked.report.measures) else {}
    if not known:
        return {}
    queues: dict[uuid.UUID, uuid.UUID] = {}
    if any(one.model is Queue for one in by):
        queues |= dict(db.session.execute(_QUEUES).all())  # type: ignore[arg-type]  # pairs
    projects = {key: _project(asked, by, key, queues) for key in (*keys, ())}
    return {key: known[one] for key, one in projects.items() if one in known}


def _project(
    asked: Asked,
    by: Sequence[Dimension],
    key: tuple[Any, ...],
    queues: Mapping[uuid.UUID, uuid.UUID],
) -> uuid.UUID | None:
    for dimension, value in zip(by, key, strict=False):
        if dimension.model is Project:
            return value  # type: ignore[no-any-return]  # the keys of projects are ids
        if dimension.model is Queue and value:
            return queues.get(value)
    chosen = asked.chosen.get("project", ()) or current().project_ids
    return chosen[0] if len(chosen) == 1 else None


def _known() -> dict[uuid.UUID | None, Targets]:
    """Return the targets of all projects that have any."""
    found: dict[uuid.UUID | None, Targets] = {}
    for project_id, *values in db.session.execute(_TARGETS).all():
        found[project_id] = {
            name: value / 100 if name in _PERCENT else value
            for name, value in zip(_COLUMNS, values, strict=True)
            if value is not None
        }
    return found


def met(measure: Measure, value: Any, target: float | None) -> bool | None:
    """Tell whether a figure is as good as its target; None where there is nothing to tell."""
    if value is None or target is None:
        return None
    return bool(value >= target if measure.better > 0 else value <= target)
