"""The wizard of imports: file, columns, preview, progress, result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.routing import BaseConverter, ValidationError

from portal import exports, htmx
from portal.access.guard import guard, require
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import trail
from portal.errors import RefusedError
from portal.imports import forms, operations, queries, words
from portal.imports.models import Import
from portal.imports.registry import TARGETS
from portal.imports.target import Target
from portal.jobs.queries import job_about

bp = Blueprint("imports", __name__, url_prefix="/imports")


class TargetConverter(BaseConverter):
    """``<target:target>`` in a route: its name in the address, the target in the view."""

    def to_python(self, value: str) -> Target:
        if value not in TARGETS:
            raise ValidationError
        return TARGETS[value]

    def to_url(self, value: Any) -> str:
        return value.name if isinstance(value, Target) else str(value)


@bp.record_once
def _converter(state: Any) -> None:
    state.app.url_map.converters["target"] = TargetConverter


@bp.get("")
@guard(Permission.IMPORT_DATA)
def index() -> Any:
    """What can be imported, and one's own imports."""
    targets = [one for one in TARGETS.values() if all(map(can, one.permissions))]
    found = [(one, _state(one)) for one in queries.mine(g.actor.id)]
    return htmx.render(
        "imports/index.html", targets=targets, imports=found, known=TARGETS, words=words
    )


@bp.route("/<target:target>/new", methods=["GET", "POST"])
@guard(Permission.IMPORT_DATA)
def create(target: Target) -> Any:
    _require(target)
    form = target.form()
    form.offer(request.args)
    problem = ""
    if form.validate_on_submit():
        file = request.files.get("file")
        try:
            if not file:
                raise RefusedError(_("Choose a file."), field="file")
            one = operations.receive(
                target, form.values(), file.filename or "", file.stream, actor=g.actor
            )
            return htmx.see_other(url_for(".columns", upload_id=one.id))
        except RefusedError as error:
            problem = error.message
    status = 422 if problem else 0
    return htmx.render("imports/new.html", status=status, target=target, form=form, problem=problem)


@bp.get("/<uuid:upload_id>/columns")
@guard(Permission.IMPORT_DATA, upload=Import)
def columns(upload: Import) -> Any:
    return _columns(upload)


@bp.post("/<uuid:upload_id>/columns")
@guard(Permission.IMPORT_DATA, upload=Import)
def map_columns(upload: Import) -> Any:
    fields, form = _target(upload).offered_fields(upload.options), None
    try:
        form = forms.columns_form(fields, upload, operations.sample(upload))
        if not form.validate_on_submit():
            return _columns(upload, form)
        operations.map_columns(upload, forms.columns_of(form, fields), actor=g.actor)
        if form.keep.data:
            operations.keep_mapping(upload, form.keep.data, actor=g.actor)
    except RefusedError as error:
        if form is not None:
            form.refuse(error)
        return _columns(upload, form)
    return htmx.see_other(url_for(".preview", upload_id=upload.id))


@bp.post("/<uuid:upload_id>/format")
@guard(Permission.IMPORT_DATA, upload=Import)
def read_as(upload: Import) -> Any:
    _target(upload)
    form = forms.FormatForm()
    form.offer(upload)
    if form.validate_on_submit():
        try:
            operations.read_as(upload, form.format(), actor=g.actor)
            return htmx.see_other(url_for(".columns", upload_id=upload.id))
        except RefusedError as error:
            form.refuse(error)
    return _columns(upload, format_form=form)


@bp.post("/<uuid:upload_id>/mapping")
@guard(Permission.IMPORT_DATA, upload=Import)
def use_mapping(upload: Import) -> Any:
    _target(upload)
    form = forms.MappingForm()
    form.offer(queries.mappings(upload))
    if form.validate_on_submit():
        try:
            operations.apply_mapping(upload, form.chosen(), actor=g.actor)
            return htmx.see_other(url_for(".columns", upload_id=upload.id))
        except RefusedError as error:
            form.refuse(error)
    return _columns(upload, mapping_form=form)


@bp.get("/<uuid:upload_id>/preview")
@guard(Permission.IMPORT_DATA, upload=Import)
def preview(upload: Import) -> Any:
    """The first rows, and what will happen to each of them."""
    return _preview(upload)


@bp.post("/<uuid:upload_id>/start")
@guard(Permission.IMPORT_DATA, upload=Import)
def start(upload: Import) -> Any:
    _target(upload)
    try:
        operations.start(upload, actor=g.actor)
    except RefusedError as error:
        return _preview(upload, refusal=error.message)
    return htmx.see_other(url_for(".show", upload_id=upload.id))


@bp.get("/<uuid:upload_id>")
@guard(Permission.IMPORT_DATA, upload=Import)
def show(upload: Import) -> Any:
    """How far the import is; then its result."""
    target, state = _target(upload), _state(upload)
    endpoint, values = target.home(upload.options)
    return htmx.render(
        "imports/show.html",
        "imports/_show.html",
        upload=upload,
        target=target,
        state=state,
        job=job_about(upload.id),
        refusals=queries.refusals(upload) if upload.state != "draft" else [],
        home=url_for(endpoint, **values),
        words=words,
    )


@bp.get("/<uuid:upload_id>/refused.<any(csv, xlsx):format>")
@guard(Permission.IMPORT_DATA, upload=Import)
def refused(upload: Import, format: str) -> Any:
    """The refused rows as they stood in the file, each with its line and the reason."""
    _target(upload)
    name, import_id = f"refused-{upload.created_at:%Y-%m-%d-%H%M}", upload.id
    trail.record(
        "exported", kind="import_refusal", object_id=import_id, object_name=f"{name}.{format}"
    )
    headings = [_("Line"), _("Reason"), _("Row")]
    rows = ([one.line, one.reason, *one.raw] for one in queries.every_refusal(import_id))
    return exports.download(format, name, headings, rows)


def _target(upload: Import) -> Target:
    """Return the target of an import to who may still write there."""
    target = TARGETS[upload.target]
    _require(target)
    return target


def _require(target: Target) -> None:
    for permission in target.permissions:
        require(permission)


def _state(upload: Import) -> str:
    """Return the state as it is shown: once started, it is that of the job."""
    if upload.state != "started":
        return upload.state
    job = job_about(upload.id)
    return "failed" if job is None or job.state == "done" else job.state


def _columns(
    upload: Import, form: Any = None, *, format_form: Any = None, mapping_form: Any = None
) -> Any:
    target = _target(upload)
    if upload.state != "draft" and request.method == "GET":
        return htmx.see_other(url_for(".show", upload_id=upload.id))
    try:
        records = operations.sample(upload)
    except RefusedError as error:
        return _gone(upload, target, error)
    if form is None:
        form = forms.columns_form(target.offered_fields(upload.options), upload, records)
    if format_form is None:
        format_form = forms.FormatForm(formdata=None)
        format_form.offer(upload)
    if mapping_form is None:
        mapping_form = forms.MappingForm(formdata=None)
        mapping_form.offer(queries.mappings(upload))
    faulty = form.errors or format_form.errors or mapping_form.errors
    return htmx.render(
        "imports/columns.html",
        status=422 if faulty else 200,
        upload=upload,
        target=target,
        records=records[:6],
        form=form,
        format_form=format_form,
        mapping_form=mapping_form,
    )


def _preview(upload: Import, *, refusal: Any = "") -> Any:
    target = _target(upload)
    if upload.state != "draft" and request.method == "GET":
        return htmx.see_other(url_for(".show", upload_id=upload.id))
    rows: list[queries.Foreseen] = []
    try:
        rows = queries.foreseen(upload)
    except RefusedError as error:
        refusal = refusal or error.message
    except FileNotFoundError:
        return _gone(upload, target, operations.gone())
    return htmx.render(
        "imports/preview.html",
        status=422 if refusal else 200,
        upload=upload,
        target=target,
        fields=[one for one in target.offered_fields(upload.options) if one.name in upload.mapping],
        rows=rows,
        refusal=refusal,
        words=words,
    )


def _gone(upload: Import, target: Target, error: RefusedError) -> Any:
    """Say that the file cannot be read any more, and offer to upload it again."""
    return htmx.render(
        "imports/gone.html", status=422, upload=upload, target=target, refusal=error.message
    )
