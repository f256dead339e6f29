"""From changes to entries: for each project only what its viewers may know, ids told as names.

Runs at the commit, within ``unscoped``: a change touches things in several projects.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.changes import CHANGED, CREATED, DELETED, Change, Named, kind_of
from portal.audit.values import OWN, clean, plain
from portal.database import ProjectOwned, ProjectShared
from portal.projects.models import Project

Row = dict[str, Any]
Note = tuple[str | None, dict[str, Any] | None]
_MOST_NAME = 300


def entries(
    session: Session, changes: list[Change], notes: dict[tuple[str, uuid.UUID], Note]
) -> Iterator[Row]:
    """Yield the entries of one company's changes; what a change is mainly about comes first."""
    shared = _Shared(session, changes)
    changes = [change for change in map(shared.without_implied, changes) if not change.empty]
    names = _Names(session, changes)
    rows: list[Row] = []
    for change in sorted((one for one in changes if not one.parts), key=_rank):
        action, detail = notes.get((change.kind, change.thing.id), (None, None))
        change.action = action or change.action
        for project_id, part in _parts(change, shared):
            row = {
                "project_id": project_id,
                "action": part.action,
                "kind": change.kind,
                "object_id": change.thing.id,
                "object_name": clean(_name(part, names))[:_MOST_NAME],
                "before": _side(part, "before", names),
                "after": _side(part, "after", names),
                "detail": plain(detail),
            }
            rows.append(row)
    yield from _with_own(rows, changes, shared, names)


def _with_own(
    rows: list[Row], changes: list[Change], shared: _Shared, names: _Names
) -> Iterator[Row]:
    """Add what was changed in fields of projects: to the entry of the thing, or as one more.

    A field is told in the projects that have both the thing and the field, and nowhere else.
    """
    gone = {change.thing for change in changes if change.action == DELETED}
    known = {(row["project_id"], row["kind"], row["object_id"]): row for row in rows}
    for change in (one for one in changes if one.parts and one.parts[0] not in gone):
        thing, field = change.parts
        label = f"{OWN}{field.id}:{clean(names.of(field))}"
        for project_id in shared.projects_of_part(change):
            key = (project_id, kind_of(thing.model), thing.id)
            if key not in known:
                row: Row = dict.fromkeys(("before", "after", "detail"))
                row |= {"project_id": project_id, "action": CHANGED, "kind": key[1]}
                row |= {"object_id": thing.id, "object_name": clean(names.of(thing))[:_MOST_NAME]}
                known[key] = row
                rows.append(row)
            for side in ("before", "after"):
                if value := getattr(change, side).get("value"):
                    known[key][side] = {**(known[key][side] or {}), label: plain(value)}
    yield from rows


def _rank(change: Change) -> tuple[int, uuid.UUID]:
    """Whoever creates a person in two projects created a person; the memberships follow."""
    if change.kind == "company" or change.action in (CREATED, DELETED):
        place = 0
    else:
        place = 1 if change.kind == "project" else 2
    return place, change.thing.id


def _parts(change: Change, shared: _Shared) -> Iterator[tuple[uuid.UUID | None, Change]]:
    """Yield each project that a change touches, with the part of it that belongs there.

    Who sees the old project only must not learn the new values, and the other way round.
    """
    model = change.thing.model
    if issubclass(model, Project):
        yield change.thing.id, change
    elif issubclass(model, ProjectShared):
        for project_id in shared.projects_of(change):
            yield project_id, change
    elif not change.moved:
        yield change.projects[1], change
    elif issubclass(model, ProjectOwned):
        old, new = change.projects
        name = change.before.get("name", change.name)
        yield old, _part(change, action="moved_out", name=str(name))
        yield new, _part(change, action="moved_in", after=change.after)
    else:
        yield from _mapped(change)


def _mapped(change: Change) -> Iterator[tuple[uuid.UUID | None, Change]]:
    """Tell a thing that came into a project, left it, or both; the company hears of all of it."""
    old, new = change.projects
    if old is not None:
        yield old, _part(change, before=change.before)
    if new is not None:
        yield new, _part(change, after=change.after)
    yield None, _part(change, before=_with(change.before, old), after=_with(change.after, new))


def _with(side: dict[str, Any], project_id: uuid.UUID | None) -> dict[str, Any]:
    return side if project_id is None else {**side, "project": Named(Project, project_id)}


def _part(change: Change, **values: Any) -> Change:
    defaults = {"action": change.action, "name": change.name}
    return Change(change.company_id, change.thing, **{**defaults, **values})


def _name(change: Change, names: _Names) -> str:
    return change.name or names.of(change.thing)


def _side(change: Change, side: str, names: _Names) -> Row | None:
    wanted = 1 if side == "after" else -1
    told: Row = {
        label: names.of(value) if isinstance(value, Named) else plain(value)
        for label, value in getattr(change, side).items()
    }
    for label, members in change.members.items():
        found = [
            names.of(member) if isinstance(member, Named) else member
            for member, way in members.items()
            if way == wanted
        ]
        if found:
            told[label] = [clean(name) for name in sorted(found, key=str.casefold)]
    return told or None


class _Names:
    """The names of all that the changes refer to: one query for each kind of it."""

    def __init__(self, session: Session, changes: list[Change]) -> None:
        # What is deleted in this transaction cannot be asked for any more.
        self.names = {change.thing: change.name for change in changes if change.name}
        wanted: dict[Any, set[uuid.UUID]] = {}
        for named in {named for change in changes for named in _mentioned(change)}:
            if named not in self.names:
                wanted.setdefault(named.model, set()).add(named.id)
        company_id = changes[0].company_id if changes else 0
        for model, ids in wanted.items():
            for part in _portions(sorted(ids)):
                rows = session.execute(
                    select(model.id, model.name).where(
                        model.company_id == company_id, model.id.in_(part)
                    )
                )
                self.names |= {Named(model, identifier): name for identifier, name in rows}

    def of(self, named: Named) -> str:
        return clean(self.names.get(named) or str(named.id))


def _mentioned(change: Change) -> Iterator[Named]:
    yield from change.parts or (change.thing,)
    values = [*change.before.values(), *change.after.values()]
    members = [member for members in change.members.values() for member in members]
    yield from (value for value in [*values, *members] if isinstance(value, Named))
    yield from (Named(Project, one) for one in change.projects if one is not None and change.moved)


def _portions(ids: list[uuid.UUID], most: int = 500) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


class _Shared:
    """Which projects the changed shared things are in, before and after."""

    def __init__(self, session: Session, changes: list[Change]) -> None:
        self.whole = {c.thing for c in changes if c.action in (CREATED, DELETED)}
        self.linked: dict[Named, set[uuid.UUID]] = {}
        self.unlinked: dict[Named, set[uuid.UUID]] = {}
        self.now: dict[Named, list[uuid.UUID]] = {}
        for change in changes:
            if issubclass(change.thing.model, Project):
                self._note_members(change)
        wanted: dict[Any, set[uuid.UUID]] = {}
        for change in changes:
            for part in change.parts:
                wanted.setdefault(part.model, set()).add(part.id)
            if issubclass(change.thing.model, ProjectShared):
                wanted.setdefault(change.thing.model, set()).add(change.thing.id)
        for model, ids in wanted.items():
            link = model.Link
            for some in _portions(sorted(ids)):
                rows = session.execute(
                    select(link.object_id, link.project_id).where(
                        link.company_id == changes[0].company_id, link.object_id.in_(some)
                    )
                )
                for object_id, project_id in rows:
                    self.now.setdefault(Named(model, object_id), []).append(project_id)

    def _note_members(self, change: Change) -> None:
        for members in change.members.values():
            for member, way in members.items():
                if isinstance(member, Named):
                    ways = self.linked if way > 0 else self.unlinked
                    ways.setdefault(member, set()).add(change.thing.id)

    def without_implied(self, change: Change) -> Change:
        """Leave out the memberships of things that were just created or are gone now."""
        if issubclass(change.thing.model, Project):
            for label, members in change.members.items():
                change.members[label] = {
                    member: way for member, way in members.items() if not self._tells_itself(member)
                }
        return change

    def _tells_itself(self, member: Named | str) -> bool:
        shared = isinstance(member, Named) and issubclass(member.model, ProjectShared)
        return shared and member in self.whole

    def projects_of(self, change: Change) -> list[uuid.UUID | None]:
        """Return the projects whose viewers know a shared thing: those it has just joined do not
        know what it was before, unless it was made there; [None] if there is no such project.
        """
        thing = change.thing
        if change.action == DELETED:
            return [*sorted(self.unlinked.get(thing, ()))] or [None]
        known = set(self.now.get(thing, ()))
        if thing not in self.whole:
            known -= self.linked.get(thing, set())
        return [*sorted(known)] or [None]

    def projects_of_part(self, change: Change) -> list[uuid.UUID | None]:
        """Return the projects that have all of what a row is about, and had it before."""
        known = set.intersection(*(set(self.now.get(part, ())) for part in change.parts))
        for part in change.parts:
            if part not in self.whole:
                known -= self.linked.get(part, set())
        return [*sorted(known)] or [None]
