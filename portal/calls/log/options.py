"""What each filter of the call log offers: never more than the viewer sees."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.calls.log.filters import Filters
from portal.database import having_words
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project

OFFERED = 20  # at once; of more, the one wanted is searched for
MOST_FOUND = 100
_MODELS: dict[str, Any] = {"project": Project, "queue": Queue, "dialer": Dialer, "operator": User}


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
    return {name: offered(name, filters) for name in _MODELS}


def offered(name: str, filters: Filters, text: str | None = None) -> Option:
    """Return what is chosen and the first of the others; of those with the words of ``text``."""
    model, ids = _MODELS[name], getattr(filters, f"{name}_ids")
    limit = OFFERED if text is None else MOST_FOUND
    query = select(model.id, model.name).where(*having_words(model.search_key, text or ""))
    found = list(db.session.execute(query.order_by(model.search_key, model.id).limit(limit + 1)))
    shown = {row.id: row.name for row in found[:limit]}
    if missing := set(ids) - shown.keys():
        picked = select(model.id, model.name).where(model.id.in_(missing))
        shown = {row.id: row.name for row in db.session.execute(picked)} | shown
    choices = [(one, label, one in ids) for one, label in shown.items()]
    return Option(name, choices, more=len(found) > limit or text is not None)
