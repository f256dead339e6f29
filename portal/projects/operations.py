"""Creating, renaming, archiving and restoring projects."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.database import name_key, new_id, utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.projects import queries
from portal.projects.models import Project, ProjectUser
from portal.wall.scope import admit, current

Targets = Mapping[str, int | None]


def create(name: str, description: str, targets: Targets, *, actor: User) -> Project:
    """Create a project. Who does not see everything becomes its first member.

    ``targets``: what its figures are to reach, by the names of :data:`TARGETS`.
    """
    _refuse_taken(name)
    project = Project(
        company_id=actor.company_id,
        id=new_id(),
        name=name,
        name_key=name_key(name),
        description=description,
        **targets,
    )
    db.session.add(project)
    admit(project)
    db.session.flush()
    if not current().sees_all:
        db.session.add(
            ProjectUser(company_id=actor.company_id, project_id=project.id, user_id=actor.id)
        )
        db.session.flush()
    return project


def edit(
    project: Project,
    name: str,
    description: str,
    targets: Targets,
    *,
    version: int,
    actor: User,
) -> None:
    hold(project)
    refuse_stale(project, version)
    _refuse_taken(name, project)
    project.name, project.name_key, project.description = name, name_key(name), description
    for field, value in targets.items():
        setattr(project, field, value)
    touch(project)


def archive(project: Project, *, actor: User) -> None:
    """Put a project away with all that is in it; its calls and history stay where they are."""
    hold(project)
    if project.is_default:
        raise RefusedError(_("%(name)s cannot be archived.", name=project.name))
    if project.archived_at is None:
        project.archived_at = utcnow()
        trail.note(project, "archived")
        touch(project)


def restore(project: Project, *, actor: User) -> None:
    hold(project)
    if project.archived_at is not None:
        project.archived_at = None
        trail.note(project, "restored")
        touch(project)


def hold(project: Project) -> None:
    """Read a project anew and lock it: those who change it come one after another."""
    statement = select(Project).where(Project.id == project.id).with_for_update(key_share=True)
    db.session.scalars(statement, execution_options={"populate_existing": True}).one()


def refuse_stale(project: Project, version: int) -> None:
    """Refuse to change a project that was seen at another ``version``."""
    if project.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=project)


def touch(project: Project) -> None:
    project.version += 1
    project.changed_at = utcnow()
    db.session.flush()


def _refuse_taken(name: str, project: Project | None = None) -> None:
    if queries.name_taken(name, project.id if project else None):
        raise RefusedError(_("This name is taken already."), field="name")
