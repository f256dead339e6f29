"""The page of jobs: how far they are, and stopping them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.errors import RefusedError
from portal.jobs import operations, queries
from portal.jobs.models import Job

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@guard()
def index() -> Any:
    """One's own jobs; those of all people for who sees everything."""
    found = queries.jobs(_identifier(request.args.get("before")))
    shown, more = found[: queries.PAGE], len(found) > queries.PAGE
    return htmx.render(
        "jobs/index.html",
        "jobs/_rows.html" if "before" in request.args else "jobs/_list.html",
        jobs=shown,
        older=shown[-1].id if more else None,
        everybody=g.scope.sees_all,
    )


@bp.get("/<uuid:job_id>")
@guard(job=Job)
def show(job: Job) -> Any:
    return _job(job)


@bp.post("/<uuid:job_id>/cancel")
@guard(job=Job)
def cancel(job: Job) -> Any:
    try:
        operations.cancel(job, actor=g.actor)
    except RefusedError as error:
        return _job(job, refusal=error.message, status=422)
    toast = _("Cancelled.") if not job.is_open else _("It stops at the next opportunity.")
    return htmx.see_other(url_for(".show", job_id=job.id), toast=toast)


def _job(job: Job, *, refusal: Any = "", status: int = 200) -> Any:
    kind = job.registered
    shown = kind is not None and (job.person_id == g.actor.id or not kind.private)
    endpoint, values = kind.page(job.arguments) if kind and kind.page and shown else ("", {})
    return htmx.render(
        "jobs/show.html",
        "jobs/_job.html",
        status=status,
        job=job,
        work=url_for(endpoint, **values) if endpoint else "",
        refusal=refusal,
    )


def _identifier(text: str | None) -> uuid.UUID | None:
    """Read the key of a page; anything else begins at the top."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
