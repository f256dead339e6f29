"""The page on which the names of a source get their meaning."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.calls.evidence import CallSource
from portal.calls.intake import forms, operations, queries, words
from portal.calls.intake import names as names_of
from portal.errors import ConflictError, RefusedError
from portal.jobs.models import Job
from portal.jobs.queries import job_about


def register(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:source_id>/names", "names", names, methods=["GET", "POST"])


def kinds() -> tuple[str, ...]:
    """Return the kinds of names that need a meaning."""
    return tuple(words.KINDS)


def unmapped(source_id: uuid.UUID) -> int:
    """Return how many names of a source have no meaning yet, as the heading of its pages says."""
    return sum(queries.unmapped_count(source_id, kinds()).values())


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def names(source: CallSource) -> Any:
    filters = forms.name_filters(request.args, kinds(), queries.unmapped_count(source.id, kinds()))
    if request.method == "GET":
        return _page(source, filters)
    offered = names_of.choices(filters.kind, walled=g.identity.company.walled)
    shown: dict[str, Any] = {}
    try:
        form = forms.NamesForm(request.form, source, offered)
        shown = {"picked": form.picked, "errors": form.errors}
        if form.errors:
            return _page(source, filters, status=422, **shown)
        if "preview" in request.form:
            moves = operations.try_out(form.wishes, actor=g.actor)
            return _page(source, filters, moves=moves, **shown)
        job = operations.give_meanings(source, form.wishes, actor=g.actor)
    except ConflictError as error:
        return _page(source, filters, status=409, stale=error.theirs, **shown)
    except RefusedError as error:
        return _page(source, filters, status=422, refusal=error.message, **shown)
    return _saved(source, job, changed=bool(form.wishes))


def _saved(source: CallSource, job: Job | None, *, changed: bool) -> Response:
    if job is not None:
        toast = _("Saved. The calls are being assigned again.")
    else:
        toast = _("Saved.") if changed else _("Nothing was changed.")
    arguments: dict[str, Any] = {**request.args, "suggest": None, "job": job.id if job else None}
    return htmx.see_other(url_for(".names", source_id=source.id, **arguments), toast=toast)


def _page(
    source: CallSource,
    filters: names_of.Filters,
    *,
    status: int = 200,
    picked: dict[Any, str] | None = None,
    errors: dict[Any, str] | None = None,
    stale: Any = (),
    moves: list[operations.Move] | None = None,
    refusal: str = "",
) -> Any:
    offered = names_of.choices(filters.kind, walled=g.identity.company.walled)
    rows, more = names_of.page(source, filters, offered)
    return htmx.render(
        "sources/names.html",
        "sources/_names.html",
        status=status,
        source=source,
        filters=filters,
        kinds=kinds(),
        offered=offered,
        rows=rows,
        next_key=rows[-1].identity.raw if more else None,
        total=names_of.total(source, filters),
        unmapped=queries.unmapped_count(source.id, kinds()),
        picked=picked or {},
        errors=errors or {},
        stale=stale,
        moves=moves,
        refusal=refusal,
        job=job_of(source),
        words=words,
        label_of=names_of.label_of,
        IGNORED=names_of.IGNORED,
    )


def job_of(source: CallSource) -> Job | None:
    """Return the job that assigns calls: while it is open, and to who has just started it."""
    job = job_about(source.id)
    return job if job and (job.is_open or request.args.get("job") == str(job.id)) else None
