"""What was staged in the panel and is saved in one go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import select

from portal.errors import RefusedError
from portal.extensions import db
from portal.projects.moves import History
from portal.projects.panel.tabs import TABS, Tab

MOST_CHANGES = 20_000


@dataclass(frozen=True)
class Staged:
    """Ids to add and to remove by tab; ``leave_default``: people to take out of Default.

    ``along``: what depends on what moves is to move with it."""

    add: dict[str, frozenset[uuid.UUID]]
    remove: dict[str, frozenset[uuid.UUID]]
    leave_default: frozenset[uuid.UUID]
    history: History
    version: int
    seen: uuid.UUID | None
    along: bool

    @classmethod
    def read(cls, form: Any) -> Staged:
        add = {slug: _ids(form.getlist(f"add-{slug}")) for slug in TABS}
        remove = {slug: _ids(form.getlist(f"remove-{slug}")) for slug in TABS}
        if sum(map(len, [*add.values(), *remove.values()])) > MOST_CHANGES:
            raise RefusedError(_("These are too many changes at once."))
        both = {slug: add[slug] & remove[slug] for slug in TABS}
        history = form.get("history", "")
        return cls(
            add={slug: ids - both[slug] for slug, ids in add.items()},
            remove={slug: ids - both[slug] for slug, ids in remove.items()},
            leave_default=_ids(form.getlist("leave-default")),
            history=History(history) if history in set(History) else History.STAYS,
            version=form.get("version", 0, type=int),
            seen=next(iter(_ids(form.getlist("seen"))), None),
            along="along" in form,
        )

    @property
    def touched(self) -> list[Tab]:
        return [tab for slug, tab in TABS.items() if self.add[slug] or self.remove[slug]]

    def things(self, tab: Tab, ids: frozenset[uuid.UUID]) -> list[Any]:
        """Return the rows of these ids; one that the viewer does not see answers 404."""
        found: list[Any] = []
        ordered = sorted(ids)
        for start in range(0, len(ordered), 500):
            part = ordered[start : start + 500]
            found += db.session.scalars(select(tab.model).where(tab.model.id.in_(part)))
        if len(found) != len(ids):
            abort(404)
        return found

    def shown(self) -> list[tuple[str, uuid.UUID, str]]:
        """Return what stays staged after a refusal: field, id and name."""
        rows = [
            (f"{direction}-{tab.slug}", thing.id, thing.name)
            for tab in self.touched
            for direction, ids in (("add", self.add), ("remove", self.remove))
            for thing in self.things(tab, ids[tab.slug])
        ]
        return rows + [("leave-default", one, "") for one in sorted(self.leave_default)]

    def rows(self) -> list[dict[str, Any]]:
        """Return what is staged as names that leave and names that come, for each tab."""
        return [
            {
                "label": tab.label,
                "before": [thing.name for thing in self.things(tab, self.remove[tab.slug])],
                "after": [thing.name for thing in self.things(tab, self.add[tab.slug])],
            }
            for tab in self.touched
        ]


def _ids(texts: list[str]) -> frozenset[uuid.UUID]:
    try:
        return frozenset(uuid.UUID(text) for text in texts if text)
    except ValueError:
        abort(404)
