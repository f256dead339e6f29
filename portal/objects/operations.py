"""Creating, editing and deleting objects of any kind."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.database import name_key, utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects import queries, references
from portal.objects.kind import Kind
from portal.projects.models import Project

MOST_NAMED = 5


def create(kind: Kind, values: dict[str, Any], projects: Iterable[Project], *, actor: User) -> Any:
    """Create an object in ``projects``: one for an owned kind, any number for a shared one."""
    chosen = list(projects)
    ids = {project.id for project in chosen}
    if kind.owned and len(chosen) != 1:
        raise RefusedError(_("Choose one project."), field="project")
    _refuse_taken(kind, values["name"], ids)
    item = kind.model(company_id=actor.company_id, created_by_id=actor.id)
    if kind.owned:
        item.project_id = chosen[0].id
    _fill(item, values, actor)
    db.session.add(item)
    db.session.flush()
    if not kind.owned:
        _link(kind, item, ids)
    kind.settings.keep_parts(item)
    return item


def edit(
    kind: Kind,
    item: Any,
    values: dict[str, Any],
    projects: Iterable[Project] | None,
    *,
    version: int,
    actor: User,
) -> None:
    """Change an object.

    ``projects``: the memberships among those of the viewer's projects that are not archived; None
    leaves them as they are.
    """
    if item.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=item)
    now = queries.projects_of(kind, item)
    _refuse_taken(kind, values["name"], now, besides=item.id)
    kind.settings.refuse_change(item, values)
    _fill(item, values, actor)
    item.version += 1
    if projects is not None and not kind.owned:
        chosen = {project.id for project in projects} | queries.archived(now)
        _refuse_used(item, now - chosen)
        _take_out(kind, item, now - chosen)
        _link(kind, item, chosen - now)
    db.session.flush()
    kind.settings.keep_parts(item)


def remove(kind: Kind, item: Any, *, actor: User) -> None:
    """Delete an object that nothing uses and that no foreign project shares."""
    try:
        with db.session.begin_nested():
            if not kind.owned:
                _unlink(kind, item, queries.projects_of(kind, item))
            db.session.delete(item)
            db.session.flush()
    except IntegrityError as error:
        users = ", ".join(user.name for user in references.used_by(item)[:MOST_NAMED])
        raise RefusedError(
            _("%(name)s is used by %(users)s. Switch it off instead.", name=item.name, users=users)
            if users
            else _("%(name)s is in use. Switch it off instead.", name=item.name)
        ) from error


def _fill(item: Any, values: dict[str, Any], actor: User) -> None:
    for name, value in values.items():
        setattr(item, name, value)
    item.name_key = name_key(values["name"])
    item.changed_at = utcnow()
    item.changed_by_id = actor.id


def _refuse_taken(
    kind: Kind, name: str, projects: set[uuid.UUID], besides: uuid.UUID | None = None
) -> None:
    if queries.taken(kind, name, projects, besides):
        raise RefusedError(_("This name is taken already."), field="name")


def _link(kind: Kind, item: Any, project_ids: set[uuid.UUID]) -> None:
    link = kind.model.Link
    for project_id in sorted(project_ids):
        db.session.add(link(company_id=item.company_id, project_id=project_id, object_id=item.id))
    db.session.flush()


def _refuse_used(item: Any, project_ids: set[uuid.UUID]) -> None:
    """Refuse to take an object out of projects in which others use it, and say which."""
    for project in db.session.scalars(select(Project).where(Project.id.in_(project_ids))):
        users = references.used_by(item, project.id)
        if users:
            message = _(
                "%(name)s is used in %(project)s by %(users)s. Change these first.",
                name=item.name,
                project=project.name,
                users=", ".join(user.name for user in users[:MOST_NAMED]),
            )
            raise RefusedError(message, field="projects")


def _take_out(kind: Kind, item: Any, project_ids: set[uuid.UUID]) -> None:
    """Take a shared object out of projects, unless something there uses it."""
    try:
        with db.session.begin_nested():
            _unlink(kind, item, project_ids)
    except IntegrityError as error:
        message = _("%(name)s is used by another object of its project.", name=item.name)
        raise RefusedError(message, field="projects") from error


def _unlink(kind: Kind, item: Any, project_ids: set[uuid.UUID]) -> None:
    link = kind.model.Link
    for row in db.session.scalars(
        select(link).where(link.object_id == item.id, link.project_id.in_(project_ids))
    ):
        db.session.delete(row)
    db.session.flush()
