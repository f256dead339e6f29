"""Who sees what: the scope of a request, a job or a command.

A scope is computed once from the database, kept in ``flask.g`` and never changed inside a
session. No scope means nobody, and nobody sees no row.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import g, has_app_context
from sqlalchemy import inspect

from portal.wall.walls import Wall, WallError

_NOBODY_COMPANY = -1
_UUID_OID = 2950
# How long PostgreSQL supposes a list to be when it plans for any.
_SUPPOSED = 10


@dataclass(frozen=True)
class Scope:
    """What one person may see.

    ``sees_all``: every project of the company and what is in none (permission, or a company in
    simple mode). ``sees_people``: every user and group, to pick from (decision 10).
    """

    company_id: int
    user_id: uuid.UUID | None = None
    sees_all: bool = False
    sees_people: bool = False
    project_ids: tuple[uuid.UUID, ...] = ()

    @cached_property
    def pg_projects(self) -> str:
        """The project ids as the text of a PostgreSQL ``uuid[]``."""
        return "{" + ",".join(map(str, self.project_ids)) + "}"

    @cached_property
    def binary_projects(self) -> bytes:
        """The same as PostgreSQL sends arrays."""
        return _binary(self.project_ids)

    @cached_property
    def binary_projects_repeated(self) -> bytes:
        """The same, with the first repeated until there are ten, for ``IN``.

        PostgreSQL takes a list that it does not know to be of ten. It keeps a statement's plan only
        if that looks no dearer than one for the list at hand, which one of fewer always does; and
        to plan a statement anew behind policies takes longer than to run it.
        """
        ids = self.project_ids
        return _binary(ids + ids[:1] * (_SUPPOSED - len(ids)))

    @cached_property
    def json_projects(self) -> str:
        """The project ids as JSON, in the form in which SQLite stores them."""
        return "[" + ",".join(f'"{project_id.hex}"' for project_id in self.project_ids) + "]"

    @cached_property
    def projects(self) -> frozenset[uuid.UUID]:
        return frozenset(self.project_ids)

    @cached_property
    def walls(self) -> frozenset[Wall]:
        """Which walls stand before this person."""
        walls = {Wall.COMPANY}
        if not self.sees_all:
            walls.add(Wall.PROJECT)
            if not self.sees_people:
                walls.add(Wall.PEOPLE)
        return frozenset(walls)

    def covers(self, other: Scope) -> bool:
        """Tell whether whatever ``other`` sees is seen here too."""
        if self is other:
            return True
        return (
            (self.company_id, self.user_id) == (other.company_id, other.user_id)
            and self.walls <= other.walls
            and (self.sees_all or other.projects <= self.projects)
        )


def _binary(ids: tuple[uuid.UUID, ...]) -> bytes:
    """Return a ``uuid[]`` in binary: one dimension from 1, no nulls, 16 bytes each."""
    count = len(ids)
    head = struct.pack("!iiI", 1 if count else 0, 0, _UUID_OID)
    size = struct.pack("!ii", count, 1) if count else b""
    return head + size + b"".join(b"\0\0\0\x10" + one.bytes for one in ids)


NOBODY = Scope(_NOBODY_COMPANY)


def _kept(name: str) -> Any:
    """Return what ``flask.g`` holds; its proxy takes 1 µs, several times for each statement."""
    return g._get_current_object().get(name) if has_app_context() else None


def current() -> Scope:
    """Return the scope in force; outside of any, the one that sees nothing."""
    return _kept("scope") or NOBODY


def going_around() -> bool:
    """Tell whether the code that runs said ``unscoped``."""
    return _kept("unscoped") is True


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Act within ``scope``: for requests, jobs and commands, each with a session of its own."""
    before = g.get("scope")
    g.scope = scope
    try:
        yield scope
    finally:
        g.scope = before


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Go around the wall. The reason is for the reader; a test lists every place."""
    if not reason:
        raise WallError("to go around the wall takes a reason")
    before = g.get("unscoped", False)
    g.unscoped = True
    try:
        yield
    finally:
        g.unscoped = before


def admit(project: Any) -> None:
    """Let the scope in force see ``project``, which it is about to create.

    The one way in which a scope grows: a new project has nothing in it that could be betrayed,
    and its creator becomes its first member.
    """
    if not inspect(project).pending:
        raise WallError("only a project that is being created can be admitted")
    scope = current()
    if not scope.sees_all:
        g.scope = replace(scope, project_ids=(*scope.project_ids, project.id))
