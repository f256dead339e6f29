"""Sets of projects, made when the first row belongs to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from portal.calls.identifiers import stable_id
from portal.calls.stamping import chunks
from portal.database import insert_for
from portal.extensions import db
from portal.statuses.models import ProjectSet


class ProjectSets:
    """Names sets of projects, and writes those that there are not yet."""

    def __init__(self, company_id: int) -> None:
        self.company_id = company_id
        self._wanted: dict[frozenset[uuid.UUID], uuid.UUID] = {}

    def id_of(self, projects: frozenset[uuid.UUID]) -> uuid.UUID:
        if projects not in self._wanted:
            names = sorted(project.hex for project in projects)
            self._wanted[projects] = stable_id(0, "projects", str(self.company_id), *names)
        return self._wanted[projects]

    def write(self) -> None:
        known: set[uuid.UUID] = set()
        for part in chunks(sorted(self._wanted.values())):
            query = select(ProjectSet.id).where(ProjectSet.company_id == self.company_id)
            known |= set(db.session.scalars(query.where(ProjectSet.id.in_(part))))
        new = {key: one for key, one in self._wanted.items() if one not in known}
        _insert(ProjectSet, [{"company_id": self.company_id, "id": one} for one in new.values()])
        links = [
            {"company_id": self.company_id, "project_id": project, "object_id": one}
            for projects, one in new.items()
            for project in projects
        ]
        _insert(ProjectSet.Link, links)


def _insert(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, unless another import has done so meanwhile."""
    if rows:
        statement = insert_for(db.engine.dialect.name, model).on_conflict_do_nothing()
        db.session.execute(statement, list(rows))
