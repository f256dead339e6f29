"""What can only move together: an object, what of its project it uses, and what uses it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect, select, update

from portal.database import ProjectOwned
from portal.errors import RefusedError
from portal.extensions import db
from portal.objects import references
from portal.objects.references import Use
from portal.objects.registry import kind_named
from portal.projects.models import Project
from portal.wall.scope import unscoped

MOST_NAMED = 5


@dataclass(frozen=True)
class Dependent:
    """An object that must come along, because it uses ``other`` or is used by it."""

    item: Any
    other: Any
    uses: bool

    @property
    def kind(self) -> Any:
        return kind_named(self.item.kind)


class DependentsError(RefusedError):
    """Something depends on what is to move; ``offered``: it may be taken along."""

    def __init__(self, message: Any, found: list[Dependent], *, offered: bool = True) -> None:
        super().__init__(message)
        self.found, self.offered = found, offered


def dependents(items: Iterable[Any], shared: Iterable[tuple[Any, Project]] = ()) -> list[Dependent]:
    """Return what must move along with owned objects, and out with shared ones, without them.

    ``shared``: objects that leave a project; what uses them there cannot stay.
    """
    known = {(type(one), one.id): one for one in items}
    found: list[Dependent] = []
    for thing, project in shared:
        for user in references.used_by(thing, project.id):
            if (type(user), user.id) not in known:
                known[type(user), user.id] = user
                found.append(Dependent(user, thing, uses=True))
    wave = list(known)
    while wave:
        new = list(_neighbours(wave, known))
        found += new
        wave = [(type(one.item), one.item.id) for one in new]
    return sorted(found, key=lambda one: (one.kind.order, one.item.search_key))


def _neighbours(
    wave: list[tuple[Any, uuid.UUID]], known: dict[tuple[Any, uuid.UUID], Any]
) -> Iterable[Dependent]:
    """Return what is joined to the objects of ``wave`` and not ``known`` yet; then it is."""
    joined: dict[tuple[Any, uuid.UUID], tuple[tuple[Any, uuid.UUID], bool]] = {}
    for model, ids in _by_model(wave):
        for use in references.uses_by(model, ids):
            joined.setdefault((use.model, use.user), ((model, use.used), True))
        for use in _owned(references.uses_of(model, ids)):
            joined.setdefault((use.target, use.used), ((model, use.user), False))
    for model, ids in _by_model([key for key in joined if key not in known]):
        for item in references.objects(model, ids):
            other, uses = joined[model, item.id]
            known[model, item.id] = item
            yield Dependent(item, known[other], uses)


def _owned(uses: Iterable[Use]) -> Iterable[Use]:
    return (use for use in uses if issubclass(use.target, ProjectOwned))


def _by_model(keys: Iterable[tuple[Any, uuid.UUID]]) -> list[tuple[Any, set[uuid.UUID]]]:
    found: dict[Any, set[uuid.UUID]] = {}
    for model, identifier in keys:
        found.setdefault(model, set()).add(identifier)
    return list(found.items())


def refuse_missing(items: Collection[Any], target: Project) -> None:
    """Refuse a move of what uses shared objects that are not in ``target``, and say which."""
    names = {(type(one), one.id): one.name for one in items}
    for model, ids in _by_model(names):
        needed: dict[Any, dict[uuid.UUID, uuid.UUID]] = {}
        for use in references.uses_of(model, ids):
            if not issubclass(use.target, ProjectOwned):
                needed.setdefault(use.target, {})[use.used] = use.user
        for used_model, users in needed.items():
            link = used_model.Link
            inside = select(link.object_id).where(
                link.project_id == target.id, link.object_id.in_(users)
            )
            for missing in references.objects(used_model, users.keys() - db_ids(inside)):
                raise RefusedError(
                    _(
                        "%(name)s uses %(used)s, which is not in %(project)s. Add it there first.",
                        name=names[model, users[missing.id]],
                        used=missing.name,
                        project=target.name,
                    )
                )
        if references.held_by_others(model, ids):
            found = ", ".join(sorted(names[model, one] for one in ids)[:MOST_NAMED])
            raise RefusedError(_("Something of its project holds %(name)s there.", name=found))


def db_ids(query: Any) -> set[uuid.UUID]:
    return set(db.session.scalars(query))


def defer() -> None:
    """Let references be broken until the end of a move: what refers in circles moves in turn."""
    with unscoped("constraints wait for the end of a move, no row is read"):
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        else:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")


def settle() -> None:
    """Have the database look at all references now; SQLite does it at the commit."""
    with unscoped("constraints are looked at, no row is read"):
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def move_parts(items: Iterable[Any], target: Project) -> None:
    """Take the parts of moved objects along, however many they are."""
    for model, ids in _by_model((type(one), one.id) for one in items):
        _move_parts(model, ids, target)


def _move_parts(model: Any, ids: Collection[uuid.UUID], target: Project) -> None:
    for part in references.parts_of(model):
        column = getattr(part, f"{references.part_of(part)}_id")
        own = (part.company_id == target.company_id, column.in_(ids))
        if references.parts_of(part):
            _move_parts(part, db_ids(select(part.id).where(*own)), target)
        statement = update(part).where(*own).values(project_id=target.id)
        options = {
            "synchronize_session": False,
            "untold": "the entry of the object tells that it moved",
        }
        with unscoped("parts move with their object, which the wall has checked"):
            db.session.execute(statement, execution_options=options)
        for row in [one for one in db.session.identity_map.values() if isinstance(one, part)]:
            if inspect(row).persistent:
                db.session.expire(row)
