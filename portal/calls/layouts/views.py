"""The page on which somebody says how the table that they uploaded is to be read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.importing import Upload
from portal.calls.intake import words
from portal.calls.layouts import forms, operations, queries, samples
from portal.calls.layouts.settings import Settings
from portal.calls.log import words as log_words
from portal.errors import ConflictError, RefusedError


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/runs/<uuid:run_id>/layout", "layout", layout, methods=["GET", "POST"])


@guard(Permission.IMPORT_CALLS, sees_all=True, run=ImportRun)
def layout(run: ImportRun) -> Any:
    """GET with the fields in the address shows what they make of the file, and keeps nothing."""
    upload, source = operations.asked(run), queries.source_of(run)
    if run.state != operations.ASKING or upload is None:
        return htmx.see_other(url_for(".run", run_id=run.id))
    if request.method == "GET":
        return _page(run, upload, _form(source, upload, request.args))
    if "use" in request.form:
        return _use(run, upload, source)
    return _save(run, upload, _form(source, upload, request.form))


def _use(run: ImportRun, upload: Upload, source: CallSource) -> Any:
    try:
        kept = queries.of_id(source, request.form["use"])
        if kept is None or kept not in operations.fitting(source, upload):
            raise RefusedError(_("This is no longer here. Choose again."))
        return _lead_on(run, operations.read_by(run, kept, actor=g.actor))
    except RefusedError as error:
        form = _form(source, upload, MultiDict())
        form.refuse(error)
        return _page(run, upload, form, status=422)


def _save(run: ImportRun, upload: Upload, form: forms.LayoutForm) -> Any:
    if not form.validate():
        return _page(run, upload, form, status=422)
    source = queries.source_of(run)
    try:
        form.check()
        changing = queries.of_id(source, form.layout.data) if form.layout.data else None
        kept = operations.save(
            source,
            form.name.data,
            form.settings(),
            changing=changing,
            version=form.version.data,
            actor=g.actor,
            before=form.before.data,
        )
        return _lead_on(run, operations.read_by(run, kept, actor=g.actor))
    except ConflictError as error:
        form.refuse(error)
        return _page(run, upload, form, status=409, version=error.theirs.version)
    except RefusedError as error:
        form.refuse(error)
        return _page(run, upload, form, status=422)


def _lead_on(run: ImportRun, complete: bool) -> Any:
    return htmx.see_other(url_for(".run" if complete else ".layout", run_id=run.id))


def _form(source: CallSource, upload: Upload, said: MultiDict[str, str]) -> forms.LayoutForm:
    """Make the form: with what was said, else with what a layout has that is to be changed."""
    changing = queries.of_id(source, said.get("layout", "")) if "layout" in said else None
    shown: dict[str, Any] = {}
    if changing is None and "encoding" in said:  # it says the rest, too
        kept = Settings(source.timezone)
    elif changing is None:
        kept = samples.found(upload.path, get_locale().language, source.timezone)
    else:
        kept = changing.current
        shown = {"layout": str(changing.id), "version": changing.version}
        shown |= {"name": changing.name, "before": changing.name}
    data = said if "encoding" in said else None
    live = data is not None and request.method == "GET"
    return forms.layout_form(upload.path, kept, data, shown, live=live)


def _page(
    run: ImportRun,
    upload: Upload,
    form: forms.LayoutForm,
    *,
    status: int = 200,
    version: int | None = None,
) -> Any:
    return htmx.render(
        "sources/layout.html",
        "sources/_layout.html",
        status=status,
        run=run,
        upload=upload,
        form=form,
        version=version or form.version.data,
        rows=samples.preview(upload.path, form.settings()),
        layouts=operations.fitting(queries.source_of(run), upload),
        words=words,
        log_words=log_words,
    )
