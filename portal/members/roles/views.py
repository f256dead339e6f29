"""The pages of roles: the matrix, the form, and who has a role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import htmx
from portal.access.guard import guard, load
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.filters import show_number
from portal.members.models import Role
from portal.members.rights import may_give, role_name
from portal.members.roles import forms, operations, queries
from portal.members.staged import Staged
from portal.members.users.forms import identifier
from portal.members.users.queries import all_roles

bp = Blueprint("roles", __name__, url_prefix="/roles")


@bp.get("")
@guard(Permission.MANAGE_ROLES)
def index() -> Any:
    return htmx.render("members/roles/index.html", **_matrix())


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.MANAGE_ROLES)
def create() -> Any:
    """Create a role; ``?from=`` names one to copy."""
    source = request.args.get("from", "")
    like = load(Role, identifier(source)) if source else None
    form = forms.RoleForm()
    form.offer(like)
    if form.validate_on_submit():
        try:
            role = operations.create(**form.values(), actor=g.actor)
            toast = _("%(name)s is created.", name=role.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None, like=like)


@bp.route("/<uuid:role_id>", methods=["GET", "POST"])
@guard(Permission.MANAGE_ROLES, role=Role)
def edit(role: Role) -> Any:
    form = forms.RoleForm(obj=role)
    form.offer(role)
    if form.validate_on_submit():
        try:
            version = form.version.data
            operations.edit(role, **form.values(), version=version, actor=g.actor)
            toast = _("%(name)s is saved.", name=role.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except ConflictError:
            return _form(form, role, status=409)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, role)


@bp.post("/<uuid:role_id>/delete")
@guard(Permission.MANAGE_ROLES, role=Role)
def delete(role: Role) -> Any:
    name = role.name
    try:
        operations.remove(role, actor=g.actor)
    except RefusedError as error:
        form = forms.RoleForm(formdata=None, obj=role)
        form.offer(role, fresh=True)
        form.refuse(error)
        return _form(form, role)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is deleted.", name=name))


@bp.route("/<uuid:role_id>/people", methods=["GET", "POST"])
@guard(Permission.MANAGE_ROLES, role=Role)
def people(role: Role) -> Any:
    """The panel in which many people are given a role at once."""
    staged = Staged.read(request.form)
    if request.method == "GET":
        return _panel(role)
    try:
        count = operations.assign(role, staged.people(staged.add), actor=g.actor)
    except RefusedError as error:
        return _panel(role, staged=staged, problem=error.message, status=422)
    toast = ngettext(
        "%(count)s person has a new role.",
        "%(count)s people have a new role.",
        count,
        count=show_number(count),
    )
    return htmx.see_other(url_for(".index"), toast=toast)


def _matrix() -> dict[str, Any]:
    return {
        "roles": all_roles(),
        "permissions": list(Permission),
        "people": queries.people_by_role(),
    }


def _form(
    form: forms.RoleForm, role: Role | None, *, like: Role | None = None, status: int = 0
) -> Any:
    return htmx.render(
        "members/roles/form.html",
        "members/roles/_form.html",
        status=status,
        form=form,
        role=role,
        like=like,
        left_out=_left_out(like),
        offered=[p for p in Permission if p in g.actor.role.permissions],
        obstacle=operations.obstacle(role, actor=g.actor) if role else None,
        conflict=status == 409,
        role_people=queries.people_by_role().get(role.id, 0) if role else 0,
        **({} if htmx.wants_fragment() else _matrix()),
    )


def _left_out(like: Role | None) -> list[Permission]:
    """Return what a copy will not hold, since the viewer may not give it."""
    held = g.actor.role.permissions
    return [p for p in Permission if like and p in like.permissions and p not in held]


def _panel(
    role: Role, *, staged: Staged | None = None, problem: Any = None, status: int = 200
) -> Any:
    only_list = request.headers.get("HX-Target", "").endswith("#pane-list")
    text = request.args.get("q", "").replace("\0", "").strip()[:200]
    return htmx.render(
        "members/roles/people.html",
        "members/_people.html" if only_list else "members/roles/_people.html",
        status=status,
        role=role,
        members=queries.members(role, text),
        staged=staged.shown() if staged else [],
        problem=problem,
        removable=False,
        addable=may_give(role, actor=g.actor),
        inside_label=_("Have the role %(name)s", name=role_name(role)),
        text=text,
        **({} if htmx.wants_fragment() else _matrix()),
    )
