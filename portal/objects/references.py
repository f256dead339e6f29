"""Which objects use which, read off the foreign keys: they hold it, so they know it best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from portal.database import Base, ProjectOwned, ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


@dataclass(frozen=True)
class Reference:
    """Rows of ``model`` refer by ``column`` to an object of their project.

    A row that is no object itself is a part of one, which its class names in ``part_of``.
    """

    model: Any
    column: str

    def users_of(self, item: Any) -> Iterator[Any]:
        """Yield the objects that use ``item``, as far as the viewer sees them."""
        query = select(self.model).where(getattr(self.model, self.column) == item.id)
        for row in db.session.scalars(query):
            yield row if isinstance(row, ObjectKind) else getattr(row, row.part_of)


@cache
def references_to(model: Any) -> tuple[Reference, ...]:
    """Return who may refer to objects of ``model``."""
    tables = {model.__tablename__}
    if issubclass(model, ProjectShared):
        tables.add(model.Link.__tablename__)
    return tuple(
        Reference(mapper.class_, column)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, ProjectOwned)
        for column in _columns(mapper.class_, tables)
    )


def _columns(cls: Any, tables: set[str]) -> list[str]:
    """Return the columns by which ``cls`` refers within its project to one of ``tables``."""
    found = []
    for key in cls.__table__.foreign_key_constraints:
        names = [column.name for column in key.columns]
        if key.referred_table.name in tables and names[:2] == ["company_id", "project_id"]:
            found += names[2:]
    return sorted(found)


def used_by(item: Any) -> list[Any]:
    """Return the objects that use ``item``, each once, by name."""
    model: Any = type(item)
    users = {
        (type(user), user.id): user
        for reference in references_to(model)
        for user in reference.users_of(item)
        if user is not item
    }
    return sorted(users.values(), key=lambda one: (one.kind, one.search_key))
