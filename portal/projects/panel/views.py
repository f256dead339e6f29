"""The edit panel: a drawer with an address of its own for each of its tabs."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import htmx
from portal.access.guard import guard
from portal.audit.models import AuditEntry
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.members.users.queries import all_groups
from portal.projects import moves
from portal.projects.models import Project
from portal.projects.panel import operations, queries
from portal.projects.panel.staged import Staged
from portal.projects.panel.tabs import TABS, Tab
from portal.projects.queries import people_in
from portal.projects.views import OPENS, bp, tiles


@bp.get("/<uuid:project_id>/panel", defaults={"tab": "users"})
@bp.get("/<uuid:project_id>/panel/<tab>")
@guard(any_of=OPENS, walled=True, project=Project)
def panel(project: Project, tab: str) -> Any:
    return _panel(project, _tab(tab))


@bp.post("/<uuid:project_id>/panel", defaults={"tab": "users"})
@bp.post("/<uuid:project_id>/panel/<tab>")
@guard(any_of=OPENS, walled=True, project=Project)
def save(project: Project, tab: str) -> Any:
    staged = None
    try:
        staged = Staged.read(request.form)
        if not all(touched.editable for touched in staged.touched):
            abort(403)
        operations.save(project, staged, actor=g.actor)
    except ConflictError as error:
        assert staged is not None
        theirs = _since(project, staged.since)
        return _panel(project, _tab(tab), staged, error.message, status=409, theirs=theirs)
    except RefusedError as error:
        db.session.rollback()
        return _panel(project, _tab(tab), staged, error.message, status=422)
    return htmx.see_other(
        url_for(".panel", project_id=project.id, tab=tab),
        toast=_("%(name)s is saved.", name=project.name),
    )


@bp.get("/<uuid:project_id>/panel/<tab>/<uuid:item_id>/effect")
@guard(any_of=OPENS, walled=True, project=Project)
def effect(project: Project, tab: str, item_id: uuid.UUID) -> Any:
    """Answer the card that names who gains and who loses sight of an object by its move."""
    chosen = _tab(tab)
    item = db.session.get(chosen.model, (project.company_id, item_id)) if chosen.owned else None
    if item is None:
        abort(404)
    change = moves.effects([item.project_id], project)[item.project_id]
    names = dict(
        tuple(row)
        for row in db.session.execute(
            select(User.id, User.name).where(User.id.in_(change.gain | change.lose))
        )
    )
    return htmx.render(
        "projects/_effect.html",
        item=item,
        gain=sorted(names[one] for one in change.gain if one in names),
        lose=sorted(names[one] for one in change.lose if one in names),
    )


def _tab(slug: str) -> Tab:
    if slug not in TABS:
        abort(404)
    return TABS[slug]


def _view() -> queries.View:
    """Read from the address what the open tab is restricted to."""
    arguments = request.args
    show = arguments.get("show", "")
    limit = arguments.get("limit", queries.PAGE, type=int)
    try:
        group_id = uuid.UUID(arguments.get("group", ""))
    except ValueError:
        group_id = None
    return queries.View(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        group_id=group_id,
        show=show if show in queries.SHOWN else "all",
        by_group=arguments.get("sort") == "group",
        limit=min(max(limit, queries.PAGE), queries.MOST),
    )


def _panel(
    project: Project,
    tab: Tab,
    staged: Staged | None = None,
    problem: Any = None,
    *,
    status: int = 200,
    theirs: list[AuditEntry] | None = None,
) -> Any:
    view = _view()
    target = request.headers.get("HX-Target", "")
    fragment = {"section#pane": "_pane", "div#pane-list": "_pane_list"}.get(target, "_panel")
    return htmx.render(
        "projects/panel.html",
        f"projects/{fragment}.html",
        status=status,
        project=project,
        tab=tab,
        tabs=TABS,
        view=view,
        counts=queries.counts(project),
        sections=_sections(project, tab, view),
        groups=all_groups() if tab.slug == "users" else [],
        people=len(people_in([project.id])[project.id]),
        staged=staged.shown() if staged else [],
        history=staged.history if staged else moves.History.STAYS,
        problem=problem,
        theirs=theirs or [],
        since=_last_entry(project),
        **({} if htmx.wants_fragment() else tiles()),
    )


def _sections(project: Project, tab: Tab, view: queries.View) -> dict[str, queries.Section]:
    wanted = {"in": view.show != "out", "out": view.show != "in" and tab.editable}
    return {
        name: queries.section(tab, project, view, member=name == "in")
        for name, shown in wanted.items()
        if shown
    }


def _last_entry(project: Project) -> int:
    """Return the number of the newest entry in the project's activity."""
    query = select(AuditEntry.seq).where(AuditEntry.project_id == project.id)
    return db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(1)).first() or 0


def _since(project: Project, seq: int) -> list[AuditEntry]:
    """Return what others have changed in the project meanwhile, oldest first."""
    query = select(AuditEntry).where(AuditEntry.project_id == project.id, AuditEntry.seq > seq)
    return list(db.session.scalars(query.order_by(AuditEntry.seq).limit(50)))
