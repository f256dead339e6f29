"""The layouts of a source on a page of their own: what they say, and what was read by them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.widgets import HiddenInput

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.calls.evidence import CallSource
from portal.calls.intake import mapping
from portal.calls.layouts import operations, queries, wording
from portal.calls.layouts.models import CallLayout
from portal.errors import ConflictError, RefusedError
from portal.forms import Form, line


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:source_id>/layouts", "layouts", index)
    bp.add_url_rule("/layouts/<uuid:layout_id>", "kept_layout", edit, methods=["GET", "POST"])
    bp.add_url_rule("/layouts/<uuid:layout_id>/delete", "drop_layout", delete, methods=["POST"])


class NameForm(Form):
    name = line(_l("Name"), needed=True)
    before = line("", widget=HiddenInput())  # the name that the layout had when it was shown


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def index(source: CallSource) -> Any:
    return htmx.render("sources/layouts.html", **_list(source))


@guard(Permission.IMPORT_CALLS, sees_all=True, layout=CallLayout)
def edit(layout: CallLayout) -> Any:
    form = NameForm(obj=layout, before=layout.name)
    if not form.validate_on_submit():
        return _page(layout, form)
    try:
        operations.rename(layout, form.name.data, before=form.before.data, actor=g.actor)
        toast = _("%(name)s saved.", name=layout.name)
        return htmx.see_other(url_for(".layouts", source_id=layout.source_id), toast=toast)
    except ConflictError as error:
        return _page(layout, form, status=409, theirs=error.theirs)
    except RefusedError as error:
        form.refuse(error)
        return _page(layout, form)


@guard(Permission.IMPORT_CALLS, sees_all=True, layout=CallLayout)
def delete(layout: CallLayout) -> Any:
    name, source_id = layout.name, layout.source_id
    try:
        operations.delete(layout, actor=g.actor)
    except RefusedError as error:
        form = NameForm(formdata=None, obj=layout, before=layout.name)
        form.refuse(error)
        return _page(layout, form, status=422)
    toast = _("%(name)s deleted.", name=name)
    return htmx.see_other(url_for(".layouts", source_id=source_id), toast=toast)


def _list(source: CallSource) -> dict[str, Any]:
    return {
        "source": source,
        "layouts": queries.layouts(source),
        "files": queries.files_read(source),
        "unmapped": mapping.unmapped(source.id),
    }


def _page(layout: CallLayout, form: NameForm, *, status: int = 0, theirs: Any = None) -> Any:
    """Show a layout in its drawer, over the list."""
    source = queries.source_of(layout)
    files = queries.files_read(source)[layout.id]
    return htmx.render(
        "sources/kept_layout.html",
        "sources/_kept_layout.html",
        status=status,
        layout=layout,
        form=form,
        theirs=theirs,
        parts=wording.parts(layout.current),
        why_kept=operations.why_kept(files) if files else "",
        **({"source": source} if htmx.wants_fragment() else _list(source)),
    )
