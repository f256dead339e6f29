"""The tiles of projects, and the drawer in which one is made or renamed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.projects import forms, operations, queries
from portal.projects.models import Project

bp = Blueprint("projects", __name__, url_prefix="/projects")

OPENS = (Permission.MANAGE_ACCESS, Permission.MANAGE_PROJECTS)
LISTS = (Permission.LIST_PROJECTS, *OPENS)


@bp.get("")
@guard(any_of=LISTS, walled=True)
def index() -> Any:
    fragment = "projects/_more.html" if "after" in request.args else "projects/_list.html"
    return htmx.render("projects/index.html", fragment, **tiles())


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.MANAGE_PROJECTS, walled=True)
def create() -> Any:
    form = forms.ProjectForm()
    if form.validate_on_submit():
        try:
            name, description = form.name.data, form.description.data or ""
            project = operations.create(name, description, form.targets, actor=g.actor)
            toast = _("%(name)s is created. Add its people and objects.", name=project.name)
            return htmx.see_other(url_for(".panel", project_id=project.id), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None)


@bp.route("/<uuid:project_id>/edit", methods=["GET", "POST"])
@guard(Permission.MANAGE_PROJECTS, walled=True, project=Project)
def edit(project: Project) -> Any:
    form = forms.ProjectForm(obj=project)
    if form.validate_on_submit():
        try:
            operations.edit(
                project,
                form.name.data,
                form.description.data or "",
                form.targets,
                version=form.version.data,
                actor=g.actor,
            )
            toast = _("%(name)s is saved.", name=project.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except ConflictError as error:
            return _form(form, project, status=409, theirs=error.theirs)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, project)


@bp.post("/<uuid:project_id>/archive")
@guard(Permission.MANAGE_PROJECTS, walled=True, project=Project)
def archive(project: Project) -> Any:
    try:
        operations.archive(project, actor=g.actor)
    except RefusedError as error:
        form = forms.ProjectForm(formdata=None, obj=project)
        form.refuse(error)
        return _form(form, project)
    undo = url_for(".restore", project_id=project.id)
    flash(_("%(name)s is archived.", name=project.name), f"undo {undo}")
    return htmx.see_other(url_for(".index"))


@bp.post("/<uuid:project_id>/restore")
@guard(Permission.MANAGE_PROJECTS, walled=True, project=Project)
def restore(project: Project) -> Any:
    operations.restore(project, actor=g.actor)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is back.", name=project.name))


def tiles() -> dict[str, Any]:
    """Return what the page of tiles shows; what is inside only for who may open it."""
    filters = forms.filters_from(request.args)
    after = forms.identifier(request.args.get("after", ""))
    found = queries.page(filters, queries.by_id(after) if after else None)
    inside = any(map(can, OPENS))
    if inside:
        queries.count_people(found.tiles)
        queries.count_objects(found.tiles)
    calls = inside and can(Permission.VIEW_CALLS)
    if calls:
        queries.count_calls(found.tiles)
    return {"filters": filters, "found": found, "inside": inside, "calls": calls}


def _form(
    form: forms.ProjectForm, project: Project | None, *, status: int = 0, theirs: Any = None
) -> Any:
    return htmx.render(
        "projects/form.html",
        "projects/_form.html",
        status=status,
        form=form,
        project=project,
        theirs=theirs,
        **({} if htmx.wants_fragment() else tiles()),
    )


from portal.projects.panel import views as _panel  # noqa: E402, F401  # adds its pages to ``bp``
