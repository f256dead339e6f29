"""What each filter of a list offers: never more than the viewer sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select, union_all

from portal.database import having_words
from portal.extensions import db
from portal.projects.models import Project

OFFERED = 10  # at once; of more, the one wanted is searched for
MOST_FOUND = 100


class Named(NamedTuple):
    id: uuid.UUID
    name: str


Offered = Mapping[str, Named]  # what a field may name, by what it sends


def projects(*, archived: bool = False) -> list[Named]:
    """Return the projects that the viewer sees, in order of their names."""
    query = select(Project.id, Project.name).order_by(Project.name_key, Project.id)
    if not archived:
        query = query.where(Project.archived_at.is_(None))
    return [Named(row_id, name) for row_id, name in db.session.execute(query)]


@dataclass(frozen=True)
class Option:
    """A filter: its name in the address, what may be chosen, and whether there is more of it."""

    name: str
    choices: list[tuple[uuid.UUID, str, bool]]
    more: bool

    @property
    def chosen(self) -> list[str]:
        return [label for _, label, ticked in self.choices if ticked]


Chosen = Mapping[str, Iterable[uuid.UUID]]


def first_of_all(models: Mapping[str, Any], chosen: Chosen) -> dict[str, Option]:
    """Return the options of filters by name; ``models``: what each of them chooses from."""
    found: dict[str, list[Named]] = {name: [] for name in models}
    if models:
        for name, row_id, label, _ in db.session.execute(_first_of_all(tuple(models.items()))):
            found[name].append(Named(row_id, label))
    return {
        name: _option(name, model, chosen.get(name, ()), found[name], OFFERED)
        for name, model in models.items()
    }


@cache
def _first_of_all(models: tuple[tuple[str, Any], ...]) -> Any:
    """Query the first of each filter, by its name, in one statement."""
    parts = []
    for name, model in models:
        first = _first(model, OFFERED).subquery()
        parts.append(select(literal(name), first.c.id, first.c.name, first.c.search_key))
    return union_all(*parts).order_by("search_key", "id")


def offered(name: str, model: Any, chosen: Iterable[uuid.UUID], text: str) -> Option:
    """Return what is chosen and the first of the others with the words of ``text``."""
    query = _first(model, MOST_FOUND).where(*having_words(model.search_key, text))
    found = [Named(row.id, row.name) for row in db.session.execute(query)]
    return replace(_option(name, model, chosen, found, MOST_FOUND), more=True)


def _first(model: Any, limit: int) -> Select[uuid.UUID, str, str]:
    """Query the first, and one more to tell whether there is more."""
    query = select(model.id, model.name, model.search_key)
    return query.order_by(model.search_key, model.id).limit(limit + 1)


def _option(
    name: str, model: Any, chosen: Iterable[uuid.UUID], found: list[Named], limit: int
) -> Option:
    ids = frozenset(chosen)
    shown = dict(found[:limit])
    if missing := ids - shown.keys():
        picked = select(model.id, model.name).where(model.id.in_(missing))
        shown = {row.id: row.name for row in db.session.execute(picked)} | shown
    choices = [(one, label, one in ids) for one, label in shown.items()]
    return Option(name, choices, more=len(found) > limit)
