"""What was staged over the tabs of the panel, as one request brings it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.extensions import db
from portal.projects.tabs import TABS, Tab

# More names in one statement would go beyond what the databases take.
_CHUNK = 5000


@dataclass(frozen=True)
class Part:
    """What is staged on one tab."""

    tab: Tab
    add: frozenset[uuid.UUID]
    remove: frozenset[uuid.UUID]


@dataclass(frozen=True)
class Staged:
    """All parts; ``version``: of the project when the panel was opened; ``seen``: its last entry.

    ``leave_default``: people who are taken out of Default as they are added; ``with_history``:
    objects whose past calls move along with them.
    """

    parts: tuple[Part, ...]
    leave_default: frozenset[uuid.UUID]
    with_history: frozenset[uuid.UUID]
    version: int
    seen: uuid.UUID | None

    @classmethod
    def read(cls, form: Any) -> Staged:
        """Read the request; an id that is malformed is one that never existed: 404."""
        parts = []
        for tab in TABS.values():
            add, remove = _ids(form, f"add-{tab.slug}"), _ids(form, f"remove-{tab.slug}")
            if add or remove:
                parts.append(Part(tab, add - remove, remove - add))
        return cls(
            parts=tuple(parts),
            leave_default=_ids(form, "leave-default"),
            with_history=_ids(form, "with-history"),
            version=form.get("version", 0, type=int),
            seen=next(iter(_ids(form, "seen")), None),
        )

    @property
    def count(self) -> int:
        return sum(len(part.add) + len(part.remove) for part in self.parts)

    @property
    def tab(self) -> Tab:
        """The tab to show again: the first on which something is staged."""
        return self.parts[0].tab if self.parts else TABS["users"]

    def load(self) -> Loaded:
        """Load everything that is named; what the viewer does not see answers 404."""
        found = {part.tab.slug: load(part.tab, part.add | part.remove) for part in self.parts}
        if any(len(found[p.tab.slug]) != len(p.add | p.remove) for p in self.parts):
            raise NotFound
        return Loaded(self, found)


@dataclass(frozen=True)
class Loaded:
    """What is staged, with the things that the ids stand for, by tab."""

    staged: Staged
    things: dict[str, dict[uuid.UUID, Any]]

    def fields(self) -> Iterator[tuple[str, uuid.UUID, str]]:
        """Yield what stays staged after a refusal: field, id and name."""
        for part in self.staged.parts:
            names = self.things[part.tab.slug]
            for field, ids in (("add", part.add), ("remove", part.remove)):
                for one in sorted(ids):
                    yield f"{field}-{part.tab.slug}", one, names[one].name
        for field, ids in (
            ("leave-default", self.staged.leave_default),
            ("with-history", self.staged.with_history),
        ):
            yield from ((field, one, "") for one in sorted(ids))

    def rows(self) -> list[dict[str, Any]]:
        """Return what is staged as names taken out and put in, for each tab."""
        return [
            {
                "label": part.tab.label,
                "before": sorted(self.things[part.tab.slug][one].name for one in part.remove),
                "after": sorted(self.things[part.tab.slug][one].name for one in part.add),
            }
            for part in self.staged.parts
        ]


def load(tab: Tab, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return the things of a tab that the viewer sees, by id."""
    found: dict[uuid.UUID, Any] = {}
    for chunk in batched(sorted(ids), _CHUNK):
        for thing in db.session.scalars(select(tab.model).where(tab.model.id.in_(chunk))):
            found[thing.id] = thing
    return found


def _ids(form: Any, field: str) -> frozenset[uuid.UUID]:
    try:
        return frozenset(uuid.UUID(text) for text in form.getlist(field) if text)
    except ValueError:
        raise NotFound from None
