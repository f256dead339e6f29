"""The pages of objects: one set for all kinds."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.routing import BaseConverter, ValidationError

from portal import choices, htmx
from portal.access.guard import guard, require
from portal.access.permissions import Permission
from portal.company.queries import default_project
from portal.errors import ConflictError, RefusedError
from portal.objects import forms, operations, queries, references
from portal.objects.kind import Kind
from portal.objects.registry import KINDS, kind_named

bp = Blueprint("objects", __name__, url_prefix="/objects")


class KindConverter(BaseConverter):
    """``<kind:kind>`` in a route: the slug of a kind in the address, the kind in the view."""

    def to_python(self, value: str) -> Kind:
        if value not in KINDS:
            raise ValidationError
        return KINDS[value]

    def to_url(self, value: Any) -> str:
        return value.slug if isinstance(value, Kind) else str(value)


@bp.record_once
def _converter(state: Any) -> None:
    state.app.url_map.converters["kind"] = KindConverter


def model_of(arguments: dict[str, Any]) -> Any:
    """Tell the guard which model the object of a generic page is."""
    return arguments["kind"].model


@bp.get("")
@guard(Permission.VIEW_OBJECTS)
def home() -> Any:
    return htmx.render("objects/home.html", kinds=KINDS, counts=queries.counts())


@bp.get("/<kind:kind>")
@guard(Permission.VIEW_OBJECTS)
def index(kind: Kind) -> Any:
    fragment = "objects/_rows.html" if "after" in request.args else "objects/_list.html"
    return htmx.render("objects/index.html", fragment, **_list(kind))


@bp.route("/<kind:kind>/new", methods=["GET", "POST"])
@guard(Permission.MANAGE_OBJECTS)
def create(kind: Kind) -> Any:
    form, offered = forms.form_for(kind)
    if "preview" in request.form:
        return _preview(kind, form, None)
    if form.validate_on_submit():
        try:
            projects = forms.chosen(form, offered) or [default_project()]
            item = operations.create(kind, form.values(), projects, actor=g.actor)
            if form.shown_once:
                return _once(kind, form, item)
            toast = _("%(name)s created.", name=item.name)
            return htmx.see_other(url_for(".index", kind=kind), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(kind, form, None)


@bp.route("/<kind:kind>/<uuid:item_id>", methods=["GET", "POST"])
@guard(Permission.VIEW_OBJECTS, item=model_of)
def edit(kind: Kind, item: Any) -> Any:
    form, offered = forms.form_for(kind, item)
    if request.method == "POST":
        require(Permission.MANAGE_OBJECTS)
    if "preview" in request.form:
        return _preview(kind, form, item)
    if form.validate_on_submit():
        try:
            projects = forms.chosen(form, offered)
            version = form.version.data
            operations.edit(kind, item, form.values(), projects, version=version, actor=g.actor)
            if form.shown_once:
                return _once(kind, form, item)
            toast = _("%(name)s saved.", name=item.name)
            return htmx.see_other(url_for(".index", kind=kind), toast=toast)
        except ConflictError as error:
            return _form(kind, form, item, status=409, theirs=error.theirs)
        except RefusedError as error:
            form.refuse(error)
    return _form(kind, form, item)


@bp.post("/<kind:kind>/<uuid:item_id>/delete")
@guard(Permission.MANAGE_OBJECTS, item=model_of)
def delete(kind: Kind, item: Any) -> Any:
    name = item.name
    try:
        operations.remove(kind, item, actor=g.actor)
    except RefusedError as error:
        return refused(kind, item, error)
    return htmx.see_other(url_for(".index", kind=kind), toast=_("%(name)s deleted.", name=name))


def refused(kind: Kind, item: Any, error: RefusedError) -> Any:
    """Show an object as it is stored, and why something was not done with it."""
    form, _offered = forms.form_for(kind, item, stored=True)
    form.refuse(error)
    return _form(kind, form, item, status=422)


def _list(kind: Kind) -> dict[str, Any]:
    """Return what the list of a kind shows under the filters in the address."""
    filters = forms.filters_from(request.args)
    after = _read_key(request.args.get("after"))
    rows = queries.page(kind, filters, after)
    shown, more = rows[: queries.PAGE], len(rows) > queries.PAGE
    return {
        "kind": kind,
        "filters": filters,
        "rows": shown,
        "next_key": _write_key(shown[-1].item) if more else None,
        "total": queries.total(kind, filters) if more or after else len(rows),
        "project_choices": [
            (p.id, p.name, p.id == filters.project_id) for p in choices.projects(archived=True)
        ],
    }


def _form(
    kind: Kind, form: forms.ObjectForm, item: Any | None, *, status: int = 0, theirs: Any = None
) -> Any:
    """Show the form in its drawer, over the list; after a refusal with 422 and what was typed."""
    return htmx.render(
        "objects/form.html",
        "objects/_form.html",
        status=status,
        form=form,
        item=item,
        theirs=theirs,
        used_by=[(kind_named(u.kind), u) for u in references.used_by(item)] if item else [],
        places=queries.places(kind, [item])[item.id] if item else None,
        staff=kind.parts(item) if item else None,
        refusal=None,
        **({"kind": kind} if htmx.wants_fragment() else _list(kind)),
    )


def _preview(kind: Kind, form: forms.ObjectForm, item: Any | None) -> Any:
    """Show what comes of what is typed, and keep nothing of it."""
    form.validate()
    form.forgive_the_rest()
    return _form(kind, form, item)


def _once(kind: Kind, form: forms.ObjectForm, item: Any) -> Any:
    """Show a secret that was made just now; nobody can read it later."""
    return htmx.render(
        "objects/once.html",
        "objects/_once.html",
        item=item,
        secret=form.shown_once,
        **({"kind": kind} if htmx.wants_fragment() else _list(kind)),
    )


def _write_key(item: Any) -> str:
    """Return the address of a row in the list, for the page behind it."""
    return base64.urlsafe_b64encode(item.id.bytes + item.search_key.encode()).decode().rstrip("=")


def _read_key(text: str | None) -> tuple[str, uuid.UUID] | None:
    """Read what :func:`_write_key` wrote; anything else begins at the top."""
    try:
        raw = base64.urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4))
        return raw[16:].decode().replace("\0", ""), uuid.UUID(bytes=raw[:16])
    except (binascii.Error, ValueError):
        return None


from portal.objects.kinds.dialer import views as _dialers  # noqa: E402, F401  # adds to ``bp``
