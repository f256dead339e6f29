"""Asking for a long download, and fetching it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, request, send_file, url_for

from portal import htmx
from portal.access.guard import guard, require
from portal.access.permissions import Permission
from portal.errors import RefusedError
from portal.jobs.models import Job
from portal.reports.exporting import jobs
from portal.reports.terms import Report
from portal.reports.views import asked_of, behind_of, refused

bp = Blueprint("exporting", __name__, url_prefix="/reports")


@bp.post("/<report:report>/export.<any(csv, xlsx, json):format>")
@guard(Permission.VIEW_REPORTS, Permission.EXPORT)
def start(report: Report, format: str) -> Any:
    try:
        asked = asked_of(report)
        if "measure" in request.args:
            asked, _behind = behind_of(asked)
        filter = request.query_string.decode("ascii", "replace")
        job = jobs.start(report, format, asked, filter, actor=g.actor)
    except RefusedError as error:
        return refused(report, error)
    return htmx.see_other(url_for("jobs.show", job_id=job.id))


@bp.get("/exports/<uuid:export_id>")
@guard(export=Job)
def download(export: Job) -> Any:
    """The file, for who asked for it and could still make it; others learn of no such file."""
    if export.person_id != g.actor.id or export.kind != jobs.KIND:
        abort(404)
    require(Permission.VIEW_REPORTS)
    require(Permission.EXPORT)
    if export.state != "done":
        return redirect(url_for("jobs.show", job_id=export.id), 303)
    found = jobs.file_of(export)
    if found is None:
        return htmx.render("reports/exporting/gone.html", status=410)
    path, name = found
    return send_file(path, as_attachment=True, download_name=name)
