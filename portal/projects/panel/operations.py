"""Saving the panel: one request, one transaction, one change of the project."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.projects import moves
from portal.projects.models import Project, ProjectUser
from portal.projects.operations import hold, touch
from portal.projects.panel.staged import Staged
from portal.projects.panel.tabs import Tab


def save(project: Project, staged: Staged, *, actor: User) -> None:
    """Apply what was staged. What is so already stays so: the same save twice has one effect."""
    hold(project, staged.version)
    for tab in staged.touched:
        added = staged.things(tab, staged.add[tab.slug])
        removed = staged.things(tab, staged.remove[tab.slug])
        if tab.owned:
            _move(project, added, removed, staged, actor)
        else:
            _unlink(project, tab, removed)
            _link(project, tab, added)
    _leave_default(project, staged)
    touch(project)


def _move(project: Project, added: list[Any], removed: list[Any], staged: Staged, actor: User) -> None:
    for item in added:
        moves.move(item, project, history=staged.history, actor=actor)
    if not removed:
        return
    default = _default(project)
    if default is None:
        raise RefusedError(_("An object of this kind is always in a project: move it elsewhere."))
    for item in removed:
        if item.project_id == project.id:
            moves.move(item, default, history=staged.history, actor=actor)


def _link(project: Project, tab: Tab, things: list[Any]) -> None:
    now = _linked(project, tab, things)
    for thing in things:
        if thing.id not in now:
            key = {"company_id": project.company_id, "project_id": project.id}
            db.session.add(tab.link(**key, **{tab.column: thing.id}))
    db.session.flush()


def _unlink(project: Project, tab: Tab, things: list[Any]) -> None:
    now = _linked(project, tab, things)
    for thing in things:
        if thing.id not in now:
            continue
        try:
            with db.session.begin_nested():
                db.session.delete(now[thing.id])
                db.session.flush()
        except IntegrityError as error:
            raise RefusedError(
                _("%(name)s is used by another object of this project.", name=thing.name)
            ) from error


def _linked(project: Project, tab: Tab, things: list[Any]) -> dict[Any, Any]:
    ids = {thing.id for thing in things}
    rows = db.session.scalars(select(tab.link).where(tab.link.project_id == project.id))
    return {key: row for row in rows if (key := getattr(row, tab.column)) in ids}


def _default(project: Project) -> Project | None:
    query = select(Project).where(Project.is_default, Project.id != project.id)
    return db.session.scalars(query).first()


def _leave_default(project: Project, staged: Staged) -> None:
    """Take those who were just added out of Default, where that was asked."""
    leaving = staged.leave_default & staged.add["users"]
    default = _default(project) if leaving else None
    if default is None:
        return
    rows = db.session.scalars(
        select(ProjectUser).where(
            ProjectUser.project_id == default.id, ProjectUser.user_id.in_(leaving)
        )
    ).all()
    for row in rows:
        db.session.delete(row)
    if rows:
        touch(default)
