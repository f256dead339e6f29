"""What each filter of the call log offers: never more than the viewer sees."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select, union_all

from portal.calls.log.filters import Filters
from portal.database import having_words
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project

OFFERED = 10  # at once; of more, the one wanted is searched for
MOST_FOUND = 100
_MODELS: dict[str, Any] = {"project": Project, "queue": Queue, "dialer": Dialer, "operator": User}


class Named(NamedTuple):
    id: uuid.UUID
    name: str


@dataclass(frozen=True)
class Option:
    """A filter: its name in the address, what may be chosen, and whether there is more of it."""

    name: str
    choices: list[tuple[uuid.UUID, str, bool]]
    more: bool

    @property
    def chosen(self) -> list[str]:
        return [label for _, label, ticked in self.choices if ticked]


def for_filters(filters: Filters) -> dict[str, Option]:
    """Return the options of project, queue, dialer and operator."""
    found: dict[str, list[Named]] = {name: [] for name in _MODELS}
    for name, row_id, label, _ in db.session.execute(_first_of_all(OFFERED)):
        found[name].append(Named(row_id, label))
    return {name: _option(name, filters, found[name], OFFERED) for name in _MODELS}


@cache
def _first_of_all(limit: int) -> Any:
    """Query the first of each filter, by its name, in one statement."""
    parts = []
    for name, model in _MODELS.items():
        first = _first(model, limit).subquery()
        parts.append(select(literal(name), first.c.id, first.c.name, first.c.search_key))
    return union_all(*parts).order_by("search_key", "id")


def offered(name: str, filters: Filters, text: str) -> Option:
    """Return what is chosen and the first of the others with the words of ``text``."""
    model = _MODELS[name]
    query = _first(model, MOST_FOUND).where(*having_words(model.search_key, text))
    found = [Named(row.id, row.name) for row in db.session.execute(query)]
    return replace(_option(name, filters, found, MOST_FOUND), more=True)


def _first(model: Any, limit: int) -> Select[uuid.UUID, str, str]:
    """Query the first, and one more to tell whether there is more."""
    query = select(model.id, model.name, model.search_key)
    return query.order_by(model.search_key, model.id).limit(limit + 1)


def _option(name: str, filters: Filters, found: list[Named], limit: int) -> Option:
    model, ids = _MODELS[name], getattr(filters, f"{name}_ids")
    shown = dict(found[:limit])
    if missing := set(ids) - shown.keys():
        picked = select(model.id, model.name).where(model.id.in_(missing))
        shown = {row.id: row.name for row in db.session.execute(picked)} | shown
    choices = [(one, label, one in ids) for one, label in shown.items()]
    return Option(name, choices, more=len(found) > limit)
