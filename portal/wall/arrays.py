"""Lists as ONE parameter of a statement on PostgreSQL: that of the projects, and long ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import ARRAY, Boolean, any_, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import UserDefinedType

from portal.wall.scope import Scope


class ProjectIds(UserDefinedType[Scope]):
    """Binds a scope as the list of its projects, which is written out once for each scope."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Any:
        return lambda scope: UuidArray(scope.binary_projects)


class RepeatedProjectIds(UserDefinedType[Scope]):
    """The same, where repeated ids are as good: see :class:`Scope`."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Any:
        return lambda scope: UuidArray(scope.binary_projects_repeated)


class UuidArray(bytes):
    """A PostgreSQL ``uuid[]`` in binary: as text the server parses it for 0.6 µs an id."""


class _UuidArrayDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.postgres.types["uuid"].array_oid

    def dump(self, obj: UuidArray) -> UuidArray:
        return obj


psycopg.adapters.register_dumper(UuidArray, _UuidArrayDumper)


class Among(FunctionElement[bool]):
    """``Among(column, values)``: the column holds one of many values.

    A thousand parameters in an IN are compared one after the other with each row, once PostgreSQL
    keeps the statement's plan; an array is looked up in an index.
    """

    name = "among"
    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # else SQLite is asked for "(…) = 1", which uses no index

    def __init__(self, column: Any, values: Collection[Any]) -> None:
        array = bindparam(None, list(values), ARRAY(column.type), unique=True)
        super().__init__(column.in_(values), column == any_(array))


@compiles(Among)
def _among(element: Among, compiler: Any, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(Among, "postgresql")
def _among_on_postgresql(element: Among, compiler: Any, **options: Any) -> str:
    return compiler.process(list(element.clauses)[1], **options)
