"""What the wall's criteria are made of in SQL; their values are bound when a statement runs."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Uuid, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal.database import BigInt
from portal.wall.arrays import ProjectIds, RepeatedProjectIds
from portal.wall.scope import current
from portal.wall.walls import Wall


def _company_id() -> int:
    return current().company_id


def _user_id() -> uuid.UUID | None:
    return current().user_id


COMPANY = bindparam("wall_company", type_=BigInt, callable_=_company_id)
PROJECTS = bindparam("wall_projects", type_=ProjectIds(), callable_=current)
_PROJECTS_REPEATED = bindparam("wall_in", type_=RepeatedProjectIds(), callable_=current)
USER = bindparam("wall_user", type_=Uuid(), callable_=_user_id)


class InScope(FunctionElement[bool]):
    """``InScope(column)``: the column holds the id of a project that is seen."""

    name = "in_scope"
    form = "{column} IN (SELECT unnest(CAST({projects} AS uuid[])))"
    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # else SQLite is asked for "(…) = 1", which uses no index

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column, _PROJECTS_REPEATED)


class LookedUpInScope(InScope):
    """The same, looked up in a hash table for each row and never joined: see ``looked_up``."""

    inherit_cache = True
    form = f"({InScope.form}) IS TRUE"


@compiles(InScope, "postgresql")
def _in_scope_on_postgresql(element: InScope, compiler: Any, **options: Any) -> str:
    column, projects = (compiler.process(clause, **options) for clause in element.clauses)
    _note_select(compiler)
    return element.form.format(column=column, projects=projects)


@compiles(InScope, "sqlite")
def _in_scope_on_sqlite(element: InScope, compiler: Any, **options: Any) -> str:
    column = compiler.process(next(iter(element.clauses)), **options)
    _note_select(compiler)
    return f"{column} IN (SELECT id FROM temp.seen_projects)"  # noqa: S608  # see telling.py


def _note_select(compiler: Any) -> None:
    """Tell the proof of a SELECT that it did not see."""
    if hasattr(compiler, "notes"):
        compiler.notes.selects += 1


class Criterion(FunctionElement[bool]):
    """A condition that covers a table: the proof notes where it stands while SQL is compiled."""

    name = "criterion"
    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # else SQLite is asked for "(…) = 1", which uses no index
    wall: Wall

    def __init__(self, column: ColumnElement[Any], condition: ColumnElement[bool]) -> None:
        super().__init__(column, condition)


class CompanyCriterion(Criterion):
    inherit_cache = True
    wall = Wall.COMPANY


class ProjectCriterion(Criterion):
    inherit_cache = True
    wall = Wall.PROJECT


class PeopleCriterion(Criterion):
    inherit_cache = True
    wall = Wall.PEOPLE


@compiles(Criterion)
def _criterion(element: Criterion, compiler: Any, **options: Any) -> str:
    column, condition = element.clauses
    if hasattr(compiler, "note_covered"):
        compiler.note_covered(column, element.wall)
    return f"({compiler.process(condition, **options)})"


def of_company(column: ColumnElement[Any]) -> Criterion:
    return CompanyCriterion(column, column == COMPANY)


def of_project(column: ColumnElement[Any], in_scope: type[InScope] = InScope) -> Criterion:
    return ProjectCriterion(column, in_scope(column))
