"""The edit panel: a drawer with an address of its own for each of its tabs."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard, load
from portal.errors import ConflictError, RefusedError
from portal.filters import show_number
from portal.members.users.queries import all_groups
from portal.projects import moves
from portal.projects.models import Project
from portal.projects.panel import operations, queries, since
from portal.projects.panel.staged import Staged
from portal.projects.panel.tabs import TABS, Tab
from portal.projects.queries import default_besides, neighbours, people_counts
from portal.projects.together import DependentsError
from portal.projects.views import OPENS, bp, tiles

MOST_NAMES = 12


@bp.get("/<uuid:project_id>/panel", defaults={"tab": "users"})
@bp.get("/<uuid:project_id>/panel/<tab>")
@guard(any_of=OPENS, walled=True, project=Project)
def panel(project: Project, tab: str) -> Any:
    if request.headers.get("HX-Target") != "dialog#drawer":
        return _panel(project, _tab(tab))
    open_tab = _current(tab)  # from the project beside it: the tab stays open
    response = _panel(project, open_tab)
    url = url_for(".panel", project_id=project.id, tab=open_tab.slug)
    response.headers["HX-Replace-Url"] = url
    return response


@bp.post("/<uuid:project_id>/panel", defaults={"tab": "users"})
@bp.post("/<uuid:project_id>/panel/<tab>")
@guard(any_of=OPENS, walled=True, project=Project)
def save(project: Project, tab: str) -> Any:
    staged = None
    try:
        staged = Staged.read(request.form)
        if not all(touched.editable for touched in staged.touched):
            abort(403)
        done = operations.save(project, staged, actor=g.actor)
    except ConflictError as error:
        return _panel(project, _current(tab), staged, error.message, status=409)
    except RefusedError as error:
        found = error if isinstance(error, DependentsError) else None
        return _panel(project, _current(tab), staged, error.message, status=422, dependents=found)
    return htmx.see_other(_after(project, staged, tab), toast=_sum(project, done))


def _current(tab: str) -> Tab:
    """Return the tab that is open: others may have been opened since the form was made."""
    path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return TABS.get(path.rpartition("/")[2]) or _tab(tab)


def _after(project: Project, staged: Staged, tab: str) -> str:
    """Go on in the panel, unless the person may have taken themself out of the project."""
    if not g.scope.sees_all and (staged.remove["users"] or staged.remove["groups"]):
        return url_for(".index")
    return url_for(".panel", project_id=project.id, tab=_current(tab).slug)


def _sum(project: Project, done: operations.Done) -> str:
    return _(
        "%(name)s is saved. %(added)s added, %(removed)s removed.",
        name=project.name,
        added=show_number(done.added),
        removed=show_number(done.removed),
    )


@bp.get("/<uuid:project_id>/panel/<tab>/<uuid:item_id>/effect")
@guard(any_of=OPENS, walled=True, project=Project)
def effect(project: Project, tab: str, item_id: uuid.UUID) -> Any:
    """Answer the card that names who gains and who loses sight of an object by its move."""
    item = load(_tab(tab).model, item_id) if _tab(tab).owned else abort(404)
    change = moves.effects([item.project_id], project)[item.project_id]
    return htmx.render(
        "projects/effect.html",
        "projects/_effect.html",
        project=project,
        item=item,
        change=change,
        gain=queries.names_of(change.gain, MOST_NAMES),
        lose=queries.names_of(change.lose, MOST_NAMES),
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
    dependents: DependentsError | None = None,
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
        lists=_lists(project, tab, view),
        groups=all_groups() if tab.slug == "users" else [],
        people=people_counts([project.id]).get(project.id, 0),
        editable=_editable(project, tab),
        default=default_besides(project),
        staged=staged.shown() if staged else [],
        history=staged.history if staged else moves.History.STAYS,
        problem=problem,
        dependents=dependents,
        theirs=since.changes(project, staged.seen) if staged and status == 409 else [],
        mine=staged.rows() if staged and status == 409 else [],
        seen=since.last_entry(project),
        neighbours=neighbours(project),
        **({} if htmx.wants_fragment() else tiles()),
    )


def _lists(project: Project, tab: Tab, view: queries.View) -> dict[str, queries.Section]:
    wanted = {"in": view.show != "out", "out": view.show != "in" and _editable(project, tab)}
    return {
        name: queries.section(tab, project, view, member=name == "in")
        for name, shown in wanted.items()
        if shown
    }


def _editable(project: Project, tab: Tab) -> bool:
    return tab.editable and project.archived_at is None
