"""The pages of call sources: the list, uploads and their runs, and what names mean."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import exports, htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.audit import trail
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.intake import (
    connection,
    forms,
    mapping,
    operations,
    queries,
    ruling,
    spool,
    words,
)
from portal.calls.layouts import listing
from portal.calls.layouts import views as layouts
from portal.calls.models import Visit
from portal.calls.operations import create_source
from portal.errors import ConflictError, RefusedError
from portal.jobs.queries import job_about

bp = Blueprint("sources", __name__, url_prefix="/calls/sources")
mapping.register(bp)
ruling.register(bp)
connection.register(bp)
layouts.register(bp)
listing.register(bp)


@bp.get("")
@guard(Permission.IMPORT_CALLS, sees_all=True)
def index() -> Any:
    return htmx.render("sources/index.html", **_list())


@bp.route("/new", methods=["GET", "POST"])
@guard(Permission.IMPORT_CALLS, sees_all=True)
def create() -> Any:
    form = forms.SourceForm()
    form.offer(g.identity.company.timezone)
    if form.validate_on_submit():
        try:
            source = create_source(g.actor.company_id, form.name.data, form.timezone.data)
            toast = _("%(name)s created.", name=source.name)
            return htmx.see_other(url_for(".show", source_id=source.id), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, None)


@bp.route("/<uuid:source_id>/edit", methods=["GET", "POST"])
@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def edit(source: CallSource) -> Any:
    form = forms.SourceForm(obj=source)
    form.offer(source.timezone)
    if form.validate_on_submit():
        try:
            name, timezone, version = form.name.data, form.timezone.data, form.version.data
            operations.edit_source(source, name, timezone, version=version, actor=g.actor)
            toast = _("%(name)s saved.", name=source.name)
            return htmx.see_other(url_for(".index"), toast=toast)
        except ConflictError as error:
            return _form(form, source, status=409, theirs=error.theirs)
        except RefusedError as error:
            form.refuse(error)
    return _form(form, source)


@bp.get("/<uuid:source_id>")
@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def show(source: CallSource) -> Any:
    return _source(source, forms.UploadForm())


@bp.post("/<uuid:source_id>")
@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def upload(source: CallSource) -> Any:
    form = forms.UploadForm()
    if form.validate_on_submit():
        try:
            run = operations.receive(source, form.received(), actor=g.actor)
            page = ".layout" if run.state == "layout" else ".run"
            return htmx.see_other(url_for(page, run_id=run.id))
        except RefusedError as error:
            form.refuse(error)
    return _source(source, form, status=422)


@bp.get("/runs/<uuid:run_id>")
@guard(Permission.IMPORT_CALLS, sees_all=True, run=ImportRun)
def run(run: ImportRun) -> Any:
    """A run: its progress while it goes on, then its counts and the lines at fault."""
    if "after" in request.args and htmx.wants_fragment():
        return htmx.render("sources/_lines.html", **_lines(run))
    return htmx.render("sources/run.html", "sources/_run.html", **_run(run))


@bp.post("/runs/<uuid:run_id>/continue")
@guard(Permission.IMPORT_CALLS, sees_all=True, run=ImportRun)
def go_on(run: ImportRun) -> Any:
    try:
        operations.go_on(run, actor=g.actor)
    except RefusedError as error:
        return htmx.render("sources/run.html", status=422, **_run(run, refusal=error.message))
    return htmx.see_other(url_for(".run", run_id=run.id))


@bp.get("/runs/<uuid:run_id>/lines.<any(csv, xlsx):format>")
@guard(Permission.IMPORT_CALLS, Permission.EXPORT, sees_all=True, run=ImportRun)
def lines(run: ImportRun, format: str) -> Any:
    """The lines at fault as a table, whole."""
    run_id, name = run.id, f"lines-{run.started_at:%Y-%m-%d-%H%M}"
    trail.record("exported", kind="import", object_id=run_id, object_name=f"{name}.{format}")
    headings = [_("File"), _("Line"), _("Verdict"), _("Reason"), _("Text")]
    rows = (_cells(line) for line in queries.every_line(run))
    return exports.download(format, name, headings, rows)


@bp.get("/lines/<uuid:visit_id>")
@guard(Permission.IMPORT_CALLS, Permission.SEE_NUMBERS, sees_all=True, visit=Visit)
def evidence(visit: Visit) -> Any:
    """The raw lines that a call was read from, in the order of their files."""
    return htmx.render("sources/evidence.html", visit=visit, lines=queries.lines_of(visit))


def _cells(line: queries.Line) -> list[Any]:
    verdict = str(words.VERDICTS[line.verdict])
    return [line.file, line.number, verdict, words.reason(line.reason), line.text]


def _list() -> dict[str, Any]:
    return {"rows": queries.sources(mapping.kinds()), "words": words, "state_of": queries.state_of}


def _form(
    form: forms.SourceForm, source: CallSource | None, *, status: int = 0, theirs: Any = None
) -> Any:
    """Show the form in its drawer, over the list; after a refusal with 422 and what was typed."""
    return htmx.render(
        "sources/form.html",
        "sources/_form.html",
        status=status,
        form=form,
        source=source,
        theirs=theirs,
        **({} if htmx.wants_fragment() else _list()),
    )


def _source(source: CallSource, form: forms.UploadForm, *, status: int = 200) -> Any:
    """Show a source: the upload and the runs before."""
    runs = queries.runs(source, _identifier(request.args.get("before")))
    shown, more = runs[: queries.PAGE], len(runs) > queries.PAGE
    return htmx.render(
        "sources/show.html",
        "sources/_runs.html" if "before" in request.args else None,
        status=status,
        source=source,
        form=form,
        runs=shown,
        older=shown[-1].run.id if more else None,
        unmapped=mapping.unmapped(source.id),
        words=words,
        state_of=queries.state_of,
    )


def _run(run: ImportRun, refusal: str = "") -> dict[str, Any]:
    state = queries.state_of(run)
    return {
        "source": run.source,
        "state": state,
        "by": queries.person(run.by_id),
        "refusal": refusal,
        "job": job_about(run.id),
        "has_files": bool(spool.uploads(run.company_id, run.id)),
        "unmapped": mapping.unmapped(run.source_id),
        **_lines(run),
    }


def _lines(run: ImportRun) -> dict[str, Any]:
    verdict = request.args.get("verdict", "")
    verdict = verdict if verdict in queries.FAULTY else ""
    found = queries.lines(run, verdict, _identifier(request.args.get("after")))
    shown, more = found[: queries.PAGE], len(found) > queries.PAGE
    key = shown[-1].id if more else None
    return {"run": run, "lines": shown, "verdict": verdict, "next_key": key, "words": words}


def _identifier(text: str | None) -> uuid.UUID | None:
    """Read the key of a page; anything else begins at the top."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
