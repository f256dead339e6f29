"""The pages of people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import choices, htmx
from portal.access.guard import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.errors import ConflictError, RefusedError
from portal.filters import show_number
from portal.members import rights
from portal.members.models import User
from portal.members.users import forms, operations, queries

bp = Blueprint("users", __name__, url_prefix="/users")
bp.add_app_template_filter(rights.role_name, "role_name")

SEES_PEOPLE = (Permission.VIEW_PEOPLE, Permission.MANAGE_PEOPLE, Permission.MANAGE_ACCESS)
CHANGES_ROLES = (Permission.MANAGE_PEOPLE, Permission.MANAGE_ROLES)


@bp.get("")
@guard(any_of=SEES_PEOPLE)
def index() -> Any:
    return htmx.render("members/users/index.html", "members/users/_list.html", **_list())


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.MANAGE_PEOPLE)
def create() -> Any:
    form = forms.UserForm()
    form.offer(None)
    if form.validate_on_submit():
        try:
            person = operations.create(
                form.values(),
                form.chosen_role,
                groups=form.group_changes().added,
                projects=form.project_changes().added,
                actor=g.actor,
            )
            toast = _("%(name)s is invited.", name=person.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None)


@bp.route("/<uuid:person_id>", methods=["GET", "POST"])
@guard(Permission.MANAGE_PEOPLE, person=User)
def edit(person: User) -> Any:
    form = forms.UserForm(obj=person)
    form.offer(person)
    if form.validate_on_submit():
        try:
            operations.edit(
                person,
                form.values(),
                form.chosen_role,
                groups=form.group_changes(),
                projects=form.project_changes(),
                version=form.version.data,
                actor=g.actor,
            )
            toast = _("%(name)s is saved.", name=person.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except ConflictError:
            return _form(form, person, status=409)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, person)


@bp.get("/<uuid:person_id>/projects-card")
@guard(walled=True, person=User)
def card(person: User) -> Any:
    """The projects that a person works in, as far as the viewer may know them."""
    return htmx.render("members/users/card.html", "members/users/_card.html", **_card(person))


@bp.post("/<uuid:person_id>/lock")
@guard(Permission.MANAGE_PEOPLE, person=User)
def lock(person: User) -> Any:
    try:
        operations.lock([person], actor=g.actor)
    except RefusedError as error:
        return _refused(person, error)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is locked.", name=person.name))


@bp.post("/<uuid:person_id>/unlock")
@guard(Permission.MANAGE_PEOPLE, person=User)
def unlock(person: User) -> Any:
    try:
        operations.unlock(person, actor=g.actor)
    except RefusedError as error:
        return _refused(person, error)
    return htmx.see_other(url_for(".index"), toast=_("%(name)s is unlocked.", name=person.name))


@bp.post("/<uuid:person_id>/invite")
@guard(Permission.MANAGE_PEOPLE, person=User)
def invite(person: User) -> Any:
    try:
        operations.resend_invitation(person, actor=g.actor)
    except RefusedError as error:
        return _refused(person, error)
    toast = _("%(name)s is invited again.", name=person.name)
    return htmx.see_other(url_for(".index"), toast=toast)


@bp.post("/bulk/role")
@guard(any_of=CHANGES_ROLES)
def bulk_role() -> Any:
    """Give the people ticked in the list a role."""
    try:
        people = _ticked()
        count = operations.set_role(people, _chosen_role(), actor=g.actor)
    except RefusedError as error:
        return _list_refused(error)
    toast = ngettext(
        "%(count)s person has a new role.",
        "%(count)s people have a new role.",
        count,
        count=show_number(count),
    )
    return htmx.see_other(_back(), toast=toast)


@bp.post("/bulk/lock")
@guard(Permission.MANAGE_PEOPLE)
def bulk_lock() -> Any:
    """Lock the people ticked in the list."""
    try:
        people = _ticked()
        operations.lock(people, actor=g.actor)
    except RefusedError as error:
        return _list_refused(error)
    count = len(people)
    toast = ngettext(
        "%(count)s person is locked.",
        "%(count)s people are locked.",
        count,
        count=show_number(count),
    )
    return htmx.see_other(_back(), toast=toast)


def _ticked() -> list[User]:
    ids = {forms.identifier(text) for text in request.form.getlist("person")}
    if not ids:
        raise RefusedError(_("Tick somebody first."))
    people = queries.by_ids(ids)
    if len(people) != len(ids):
        raise RefusedError(_("Some of these people are no longer here. Nothing was changed."))
    return people


def _chosen_role() -> Any:
    wanted = forms.identifier(request.form.get("role", ""))
    for role in queries.all_roles():
        if role.id == wanted:
            return role
    raise RefusedError(_("Choose a role."))


def _back() -> str:
    """Return to the list as it was filtered; the query is ours, whatever was sent."""
    return url_for(".index", **_arguments(forms.filters_from(request.args)))


def _arguments(filters: queries.Filters, **other: Any) -> dict[str, Any]:
    values = {
        "q": filters.text,
        "group": filters.groups,
        "role": filters.roles,
        "project": filters.projects,
        "state": filters.states,
        **other,
    }
    return {name: value for name, value in values.items() if value}


def _list(problem: Any = None) -> dict[str, Any]:
    """Return what the list shows under the filters in the address."""
    filters = forms.filters_from(request.args)
    after, before = (_cursor(request.args.get(name, "")) for name in ("after", "before"))
    walled = g.identity.company.walled
    roles = queries.all_roles()
    return {
        "filters": filters,
        "arguments": _arguments(filters),
        "without": lambda name: url_for(".index", **_arguments(filters, **{name: None})),
        "found": queries.page(filters, after=after, before=before),
        "group_choices": [(x.id, x.name, x.id in filters.groups) for x in queries.all_groups()],
        "role_choices": [(x.id, rights.role_name(x), x.id in filters.roles) for x in roles],
        "project_choices": [
            (x.id, x.name, x.id in filters.projects)
            for x in (choices.projects(archived=True) if walled else ())
        ],
        "giveable": [role for role in roles if rights.may_give(role, actor=g.actor)],
        "may_tick": can(Permission.MANAGE_PEOPLE) or can(Permission.MANAGE_ROLES),
        "problem": problem,
    }


def _cursor(text: str) -> User | None:
    """Return the person at whom a page of the list begins or ends; else the list's beginning."""
    found = queries.by_ids([forms.identifier(text)]) if text else []
    return found[0] if found else None


def _list_refused(error: RefusedError) -> Any:
    return htmx.render("members/users/index.html", status=422, **_list(problem=error.message))


def _card(person: User) -> dict[str, Any]:
    sees_all = Permission.SEE_EVERYTHING in person.role.permissions
    return {"person": person, "ways": queries.ways(person), "sees_all": sees_all}


def _refused(person: User, error: RefusedError) -> Any:
    form = forms.UserForm(formdata=None, obj=person)
    form.offer(person, fresh=True)
    form.refuse(error)
    return _form(form, person)


def _form(form: forms.UserForm, person: User | None, *, status: int = 0) -> Any:
    """Show the form in its drawer, over the list; after a refusal with what was typed."""
    obstacle = rights.obstacle(person, actor=g.actor) if person else None
    return htmx.render(
        "members/users/form.html",
        "members/users/_form.html",
        status=status,
        form=form,
        conflict=status == 409,
        versions=form.versions(person) if person and status == 409 else [],
        obstacle=obstacle,
        **(_card(person) if person else {"person": None}),
        **({} if htmx.wants_fragment() else _list()),
    )
