"""The pages of groups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.members.groups import forms, operations, queries
from portal.members.models import Group
from portal.members.staged import Staged
from portal.members.users.views import SEES_PEOPLE

bp = Blueprint("groups", __name__, url_prefix="/groups")


@bp.get("")
@guard(any_of=SEES_PEOPLE)
def index() -> Any:
    return htmx.render("members/groups/index.html", "members/groups/_list.html", **_list())


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.MANAGE_PEOPLE)
def create() -> Any:
    form = forms.GroupForm()
    if form.validate_on_submit():
        try:
            group = operations.create(form.name.data, form.description.data or "", actor=g.actor)
            toast = _("%(name)s is created. Add its people.", name=group.name)
            return htmx.see_other(url_for(".members", group_id=group.id), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None)


@bp.route("/<uuid:group_id>/edit", methods=["GET", "POST"])
@guard(Permission.MANAGE_PEOPLE, group=Group)
def edit(group: Group) -> Any:
    form = forms.GroupForm(obj=group)
    if form.validate_on_submit():
        try:
            operations.edit(
                group,
                form.name.data,
                form.description.data or "",
                version=form.version.data,
                actor=g.actor,
            )
            toast = _("%(name)s is saved.", name=group.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except ConflictError:
            return _form(form, group, status=409)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, group)


@bp.route("/<uuid:group_id>", methods=["GET", "POST"])
@guard(Permission.MANAGE_PEOPLE, group=Group)
def members(group: Group) -> Any:
    """The panel in which a group is filled: additions and removals are saved as one."""
    staged = Staged.read(request.form)
    if request.method == "GET":
        return _panel(group)
    try:
        operations.fill(
            group,
            add=staged.people(staged.add),
            remove=staged.people(staged.remove),
            version=staged.version,
            actor=g.actor,
        )
    except ConflictError as error:
        return _panel(group, staged=staged, problem=error.message, status=409)
    except RefusedError as error:
        return _panel(group, staged=staged, problem=error.message, status=422)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is saved.", name=group.name))


@bp.post("/<uuid:group_id>/delete")
@guard(Permission.MANAGE_PEOPLE, group=Group)
def delete(group: Group) -> Any:
    name = group.name
    try:
        operations.remove(group, actor=g.actor)
    except RefusedError as error:
        form = forms.GroupForm(formdata=None, obj=group)
        form.refuse(error)
        return _form(form, group)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is deleted.", name=name))


def _text() -> str:
    return request.args.get("q", "").replace("\0", "").strip()[:200]


def _list() -> dict[str, Any]:
    return {"rows": queries.listed(_text()), "text": _text()}


def _form(form: forms.GroupForm, group: Group | None, *, status: int = 0) -> Any:
    return htmx.render(
        "members/groups/form.html",
        "members/groups/_form.html",
        status=status,
        form=form,
        group=group,
        conflict=status == 409,
        **({} if htmx.wants_fragment() else _list()),
    )


def _panel(
    group: Group, *, staged: Staged | None = None, problem: Any = None, status: int = 200
) -> Any:
    only_list = request.headers.get("HX-Target", "").endswith("#pane-list")
    found = queries.members(group, _text())
    return htmx.render(
        "members/groups/members.html",
        "members/_people.html" if only_list else "members/groups/_members.html",
        status=status,
        group=group,
        members=found,
        staged=staged.shown() if staged else [],
        problem=problem,
        removable=True,
        addable=True,
        inside_label=_("In this group"),
        rows=[] if htmx.wants_fragment() else queries.listed(""),
        text=_text(),
    )
