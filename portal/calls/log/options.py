"""What each filter of the call log offers: never more than the viewer sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.calls.log.filters import Filters
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project

MOST_OFFERED = 500


@dataclass(frozen=True)
class Option:
    """A filter: its name in the address, what may be chosen, and the names of what is."""

    name: str
    choices: list[tuple[Any, str, bool]]

    @property
    def chosen(self) -> list[str]:
        return [label for _, label, ticked in self.choices if ticked]


def for_filters(filters: Filters) -> dict[str, Option]:
    """Return the options of project, queue, dialer and operator."""
    return {
        name: _option(name, model, ids)
        for name, model, ids in (
            ("project", Project, filters.project_ids),
            ("queue", Queue, filters.queue_ids),
            ("dialer", Dialer, filters.dialer_ids),
            ("operator", User, filters.operator_ids),
        )
    }


def _option(name: str, model: Any, ids: tuple[Any, ...]) -> Option:
    query = select(model.id, model.name).order_by(model.name_key, model.id).limit(MOST_OFFERED)
    found = list(db.session.execute(query))
    missing = set(ids) - {row.id for row in found}
    if missing:
        found += db.session.execute(select(model.id, model.name).where(model.id.in_(missing)))
    return Option(name, [(row.id, row.name, row.id in ids) for row in found])
