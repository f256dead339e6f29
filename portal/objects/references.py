"""Which objects use which, read off the foreign keys: they hold it, so they know it best.

A row that refers within its project and is no object itself is a part of one, which its class names
in ``part_of``: a member of a queue, a number of a dialer. Rows of other classes, such as answers to
a form, only hold what they refer to where it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, select

from portal.database import Base, ProjectOwned, ProjectRow, ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind

_AT_ONCE = 500


@dataclass(frozen=True)
class Reference:
    """Rows of ``model`` refer by ``column`` to an object of their project, one of ``target``."""

    model: Any
    column: str
    target: Any

    @property
    def attribute(self) -> Any:
        return getattr(self.model, self.column)


@dataclass(frozen=True)
class Use:
    """An object uses another one: ``user`` by its id and model, ``used`` likewise."""

    model: Any
    user: uuid.UUID
    target: Any
    used: uuid.UUID


@cache
def all_references() -> tuple[Reference, ...]:
    """Return all references within a project but those of parts to what they are part of."""
    models: dict[str, Any] = {}
    for mapper in Base.registry.mappers:
        cls: Any = mapper.class_
        if issubclass(cls, ProjectShared):
            models[cls.Link.__tablename__] = cls
        if issubclass(cls, ProjectOwned):
            models[cls.__tablename__] = cls
    found = []
    for mapper in Base.registry.mappers:
        cls = mapper.class_
        if issubclass(cls, ProjectRow):
            for key in cls.__table__.foreign_key_constraints:
                names = [column.name for column in key.columns]
                if len(names) == 3 and names[:2] == ["company_id", "project_id"]:
                    whole = names[2] == f"{part_of(cls)}_id"
                    target = models.get(key.referred_table.name)
                    found += [Reference(cls, names[2], target)] if target and not whole else []
    return tuple(sorted(found, key=lambda one: (one.model.__tablename__, one.column)))


def part_of(cls: Any) -> str:
    """Return the name of the relationship to what rows of ``cls`` are a part of, if any."""
    return getattr(cls, "part_of", "")


def whole_of(cls: Any) -> Any:
    """Return the model of what rows of ``cls`` are a part of."""
    return cls.__mapper__.relationships[part_of(cls)].mapper.class_


@cache
def parts_of(model: Any) -> tuple[Any, ...]:
    """Return the classes whose rows are parts of objects of ``model``."""
    return tuple(
        mapper.class_
        for mapper in Base.registry.mappers
        if part_of(mapper.class_) and whole_of(mapper.class_) is model
    )


def _object_of(cls: Any) -> tuple[Any, Any]:
    """Return the model of the objects that rows of ``cls`` belong to, and a query of both ids.

    The model is None where the rows belong to no object.
    """
    if issubclass(cls, ObjectKind):
        return cls, select(cls.id.label("object_id"), cls.id.label("row_id"))
    if not part_of(cls):
        return None, None
    parent = whole_of(cls)
    column = getattr(cls, f"{part_of(cls)}_id")
    if issubclass(parent, ObjectKind):
        return parent, select(column.label("object_id"), cls.id.label("row_id"))
    model, _query = _object_of(parent)  # a part of a part, as a step of a version
    if model is None or whole_of(parent) is not model:
        return None, None
    outer = getattr(parent, f"{part_of(parent)}_id")
    both = (parent.company_id == cls.company_id) & (parent.id == column)
    return model, select(outer.label("object_id"), cls.id.label("row_id")).where(both)


def uses_of(model: Any, ids: Collection[uuid.UUID]) -> Iterator[Use]:
    """Yield what objects of ``model`` with these ids use."""
    for reference in all_references():
        owner, query = _object_of(reference.model)
        if owner is model and issubclass(reference.target, ObjectKind):
            yield from _uses(reference, owner, query, "object_id", ids)


def uses_by(target: Any, ids: Collection[uuid.UUID]) -> Iterator[Use]:
    """Yield which objects use those of ``target`` with these ids."""
    for reference in all_references():
        owner, query = _object_of(reference.model)
        if owner is not None and reference.target is target:
            yield from _uses(reference, owner, query, reference.column, ids)


def _uses(
    reference: Reference, owner: Any, query: Select[Any], by: str, ids: Collection[uuid.UUID]
) -> Iterator[Use]:
    object_id = query.selected_columns.object_id
    wanted = object_id if by == "object_id" else reference.attribute
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        some = query.with_only_columns(object_id, reference.attribute).where(
            wanted.in_(ordered[start : start + _AT_ONCE]), reference.attribute.is_not(None)
        )
        for user, used in db.session.execute(some.distinct()):
            yield Use(owner, user, reference.target, used)


def held_by_others(target: Any, ids: Collection[uuid.UUID]) -> bool:
    """Tell whether rows that belong to no object refer to these objects, or to parts of them."""
    for reference in all_references():
        if _object_of(reference.model)[0] is not None:
            continue
        held = reference.attribute.in_(ids)
        if reference.target in parts_of(target):
            part = reference.target
            own = getattr(part, f"{part_of(part)}_id").in_(ids)
            held = reference.attribute.in_(select(part.id).where(own))
        elif reference.target is not target:
            continue
        if db.session.scalars(select(reference.attribute).where(held).limit(1)).first():
            return True
    return False


def objects(model: Any, ids: Collection[uuid.UUID]) -> list[Any]:
    """Return the objects of ``model`` with these ids that the viewer sees."""
    ordered: list[uuid.UUID] = sorted(ids)
    found: list[Any] = []
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        found += db.session.scalars(select(model).where(model.id.in_(part)))
    return found


def used_by(item: Any, project_id: uuid.UUID | None = None) -> list[Any]:
    """Return the objects that use ``item``, each once, by name; or only those of a project."""
    users: dict[Any, set[uuid.UUID]] = {}
    for use in uses_by(type(item), [item.id]):
        users.setdefault(use.model, set()).add(use.user)
    found = [one for model, ids in users.items() for one in objects(model, ids) if one is not item]
    if project_id is not None:
        found = [one for one in found if one.project_id == project_id]
    return sorted(found, key=lambda one: (one.kind, one.search_key))
