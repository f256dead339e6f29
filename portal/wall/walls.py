"""Which walls stand around which table, read off the mixins of its model."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from sqlalchemy import MetaData, Table, event, inspect
from sqlalchemy.orm import Mapper

from portal.database import (
    CompanyRoot,
    CompanyRow,
    MaybeOwned,
    PeopleRow,
    PersonOwned,
    ProjectRoot,
    ProjectRow,
    ProjectShared,
    SharedPart,
)


class WallError(RuntimeError):
    """Code tried to get around the wall. A bug: the request fails, nothing is shown or written."""


class Wall(enum.StrEnum):
    COMPANY = "company"
    PROJECT = "project"
    PEOPLE = "people"


NO_WALLS: frozenset[Wall] = frozenset()


def walls_of_class(cls: type) -> frozenset[Wall]:
    walls = set()
    if issubclass(cls, (CompanyRoot, CompanyRow)):
        walls.add(Wall.COMPANY)
    if issubclass(
        cls, (ProjectRoot, ProjectRow, MaybeOwned, ProjectShared, SharedPart, PersonOwned)
    ):
        walls.add(Wall.PROJECT)
    if issubclass(cls, PeopleRow):
        walls.add(Wall.PEOPLE)
    return frozenset(walls)


def walled_classes() -> Iterator[type]:
    """Yield every mapped class that has a wall around it."""
    waiting: list[type] = [CompanyRoot, CompanyRow]
    seen: set[type] = set()
    while waiting:
        cls = waiting.pop()
        if cls in seen:
            continue
        seen.add(cls)
        waiting += cls.__subclasses__()
        if inspect(cls, raiseerr=False) is not None:
            yield cls


@cache
def walls_by_table() -> dict[Table, frozenset[Wall]]:
    """Return the walls of every table that the models know; a table that is not here is refused."""
    walls: dict[Table, frozenset[Wall]] = {}
    for cls in walled_classes():
        mapper: Mapper[Any] = inspect(cls)
        if mapper.inherits is not None and mapper.local_table is not mapper.inherits.local_table:
            raise WallError(f"{cls.__name__}: joined inheritance leaks in bulk updates")
        walls[cast(Table, mapper.local_table)] = walls_of_class(cls)
    for metadata in {id(table.metadata): table.metadata for table in walls}.values():
        walls |= _without_model(metadata, walls)
    return walls


def _without_model(metadata: MetaData, walls: dict[Table, frozenset[Wall]]) -> dict:
    """Judge tables without a walled model by their columns."""
    return {
        table: frozenset(
            wall
            for wall, column in ((Wall.COMPANY, "company_id"), (Wall.PROJECT, "project_id"))
            if column in table.columns
        )
        for table in metadata.tables.values()
        if table not in walls
    }


@cache
def tables_of_models() -> frozenset[Table]:
    """Return the walled tables whose rows are objects, which can be checked one by one."""
    return frozenset(inspect(cls).local_table for cls in walled_classes())


@event.listens_for(Mapper, "after_mapper_constructed")
def _forget(mapper: Mapper[Any], cls: type) -> None:
    walls_by_table.cache_clear()
    tables_of_models.cache_clear()
