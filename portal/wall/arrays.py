"""The list of projects as ONE parameter of a statement on PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy.types import UserDefinedType

from portal.wall.scope import Scope


class ProjectIds(UserDefinedType[Scope]):
    """Binds a scope as the list of its projects, which is written out once for each scope."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> Any:
        return _array


def _array(scope: Scope) -> UuidArray:
    return UuidArray(scope.binary_projects)


class UuidArray(bytes):
    """A PostgreSQL ``uuid[]`` in binary: as text the server parses it for 0.6 µs an id."""


class _UuidArrayDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.postgres.types["uuid"].array_oid

    def dump(self, obj: UuidArray) -> UuidArray:
        return obj


psycopg.adapters.register_dumper(UuidArray, _UuidArrayDumper)
