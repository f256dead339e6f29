"""Changes that were staged in a panel: people to add and to take away."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.errors import RefusedError
from portal.members.models import User
from portal.members.users import queries
from portal.members.users.forms import identifier


@dataclass(frozen=True)
class Staged:
    """What the panel posts: ``add-user`` and ``remove-user`` ids, and the version it showed."""

    add: frozenset[uuid.UUID]
    remove: frozenset[uuid.UUID]
    version: int

    @classmethod
    def read(cls, form: Any) -> Staged:
        add, remove = (_ids(form.getlist(name)) for name in ("add-user", "remove-user"))
        return cls(add - remove, remove - add, form.get("version", 0, type=int))

    def people(self, ids: Iterable[uuid.UUID]) -> list[User]:
        wanted = list(ids)
        found = queries.by_ids(wanted)
        if len(found) != len(wanted):
            raise RefusedError(_("Some of these people are no longer here. Nothing was changed."))
        return found

    def shown(self) -> list[tuple[str, uuid.UUID, str]]:
        """Return what stays staged after a refusal: field, id and name of those still here."""
        names = {person.id: person.name for person in queries.by_ids([*self.add, *self.remove])}
        fields = (("add-user", self.add), ("remove-user", self.remove))
        return [
            (name, one, names[one]) for name, ids in fields for one in sorted(ids) if one in names
        ]


def _ids(texts: list[str]) -> frozenset[uuid.UUID]:
    return frozenset(map(identifier, texts))
