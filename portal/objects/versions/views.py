"""The versions of an object: listed, looked at, compared, published."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _
from werkzeug.routing import ValidationError

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.digits import whole
from portal.errors import ConflictError, RefusedError
from portal.objects.kind import Kind
from portal.objects.versions import operations, queries
from portal.objects.versions.difference import difference
from portal.objects.views import KindConverter

bp = Blueprint("versions", __name__, url_prefix="/objects/<versioned:drafted>")
NUMBER = "<int(min=1, max=999999):number>"


class VersionedConverter(KindConverter):
    """``<versioned:drafted>`` in a route: the slug of a kind that has versions."""

    def to_python(self, value: str) -> Kind:
        kind = super().to_python(value)
        if kind.versioned is None:
            raise ValidationError
        return kind


@bp.record_once
def _converter(state: Any) -> None:
    state.app.url_map.converters["versioned"] = VersionedConverter


def model_of(arguments: dict[str, Any]) -> Any:
    return arguments["drafted"].model


def state_from(arguments: Any) -> int:
    """Read which draft the person had in sight; what is malformed is none of them."""
    return whole(arguments.get("state", ""), 15) or 0


@bp.get("/<uuid:item_id>/versions")
@guard(Permission.VIEW_OBJECTS, item=model_of)
def index(drafted: Kind, item: Any) -> Any:
    return _index(drafted, item)


@bp.post("/<uuid:item_id>/publish")
@guard(Permission.MANAGE_OBJECTS, item=model_of)
def publish(drafted: Kind, item: Any) -> Any:
    try:
        state = state_from(request.form)
        version = operations.publish(drafted, item, state=state, actor=g.actor)
    except ConflictError as error:
        return _index(drafted, item, error.message, status=409)
    except RefusedError as error:
        return _index(drafted, item, error.message, status=422)
    toast = _("Version %(number)d of %(name)s works now.", number=version.number, name=item.name)
    return htmx.see_other(url_for(".index", drafted=drafted, item_id=item.id), toast=toast)


@bp.get(f"/<uuid:item_id>/versions/{NUMBER}")
@guard(Permission.VIEW_OBJECTS, item=model_of)
def show(drafted: Kind, item: Any, number: int) -> Any:
    version = _version(drafted, item, number)
    parts = _parts(drafted, version)
    return htmx.render(
        "objects/versions/show.html", kind=drafted, item=item, version=version, parts=parts
    )


@bp.post(f"/<uuid:item_id>/versions/{NUMBER}/draft")
@guard(Permission.MANAGE_OBJECTS, item=model_of)
def take_up(drafted: Kind, item: Any, number: int) -> Any:
    version = _version(drafted, item, number)
    try:
        state = state_from(request.form)
        operations.take_up(drafted, item, version, state=state, actor=g.actor)
    except ConflictError as error:
        return _index(drafted, item, error.message, status=409)
    toast = _("The draft is now as version %(number)d was.", number=number)
    return htmx.see_other(url_for(".index", drafted=drafted, item_id=item.id), toast=toast)


@bp.get("/<uuid:item_id>/difference")
@guard(Permission.VIEW_OBJECTS, item=model_of)
def compare(drafted: Kind, item: Any) -> Any:
    """Compare two versions, or a version and the draft: by default what works with the draft."""
    versions = queries.published(drafted, item)
    old = _side(drafted, item, request.args.get("old", ""))
    new = _side(drafted, item, request.args.get("new", ""))
    if "old" not in request.args and versions:
        old = versions[0][0]
    return htmx.render(
        "objects/versions/difference.html",
        kind=drafted,
        item=item,
        numbers=[version.number for version, _person in versions],
        old=old,
        new=new,
        changes=difference(_parts(drafted, old or item), _parts(drafted, new or item)),
    )


def _index(kind: Kind, item: Any, problem: str = "", *, status: int = 200) -> Any:
    draft = queries.draft_of(kind, item)
    versions = queries.published(kind, item)
    parts = kind.content.parts(draft)
    works = _parts(kind, versions[0][0]) if versions else []
    return htmx.render(
        "objects/versions/index.html",
        status=status,
        kind=kind,
        item=item,
        versions=versions,
        problem=problem,
        problems=kind.content.check(item, draft),
        changed=not versions or difference(works, parts),
    )


def _parts(kind: Kind, holder: Any) -> Any:
    """Return in words what a version says, or the draft of an object."""
    if isinstance(holder, kind.content.model):
        return kind.content.parts(kind.content.read(holder.content))
    return kind.content.parts(queries.draft_of(kind, holder))


def _version(kind: Kind, item: Any, number: int) -> Any:
    return queries.numbered(kind, item, number) or abort(404)


def _side(kind: Kind, item: Any, text: str) -> Any | None:
    """Return the version that the address names; None is the draft."""
    if text in ("", "draft"):
        return None
    number = whole(text, 6)
    return abort(404) if number is None else _version(kind, item, number)
