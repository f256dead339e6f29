"""The Activity feed: who did what, when and from where, and its export."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from portal import choices, exports, htmx, languages
from portal.access.guard import guard, require
from portal.access.permissions import Permission
from portal.audit import (
    feed,
    fields,
    filters,
    operations,
    queries,
    revertible,
    sentences,
    trail,
)
from portal.audit.models import AuditEntry
from portal.database import utcnow
from portal.digits import whole
from portal.errors import ConflictError, RefusedError

bp = Blueprint("activity", __name__, url_prefix="/activity")


@bp.get("")
@guard(Permission.VIEW_ACTIVITY)
def index() -> Any:
    try:
        chosen = filters.read(request.args, timezone=languages.timezone())
    except RefusedError as error:
        return _refused(error)
    entries, older = queries.page(chosen, _before())
    projects = choices.projects(archived=True)
    days = feed.days(entries, dict(projects), languages.timezone())
    context: dict[str, Any] = {
        "days": days,
        "older": older,
        "filters": chosen,
        "today": _today(),
        "goes_on": request.args.get("on") if htmx.wants_fragment() else None,
        "without": filters.without,
    }
    if "before" in request.args and htmx.wants_fragment():
        return htmx.render("audit/_days.html", **context)
    summary = queries.summary(chosen)
    return htmx.render(
        "audit/index.html",
        "audit/_list.html",
        summary=summary,
        options=_options(chosen, summary, projects),
        labels=filters.WHAT_LABELS,
        alerts=[feed.alone(entry) for entry in summary.alerts],
        **context,
    )


@bp.get("/export.<any(csv, xlsx):format>")
@guard(Permission.VIEW_ACTIVITY, Permission.EXPORT)
def export(format: str) -> Any:
    try:
        chosen = filters.read(request.args, timezone=languages.timezone())
    except RefusedError as error:
        return _refused(error)
    name = f"activity-{chosen.period.first_day:%Y-%m-%d}-{chosen.period.last_day:%Y-%m-%d}"
    trail.record(
        "exported",
        kind="activity",
        object_name=f"{name}.{format}",
        project_ids=chosen.project_ids,
        detail={"filter": filters.told(request.args)},
    )
    lines = _lines(chosen, queries.newest(), languages.timezone())
    headings = [
        _("Time"), _("Person"), _("On behalf of"), _("What happened"), _("Project"), _("Kind"),
        _("Object"), _("Field"), _("Before"), _("After"), _("Details"), _("Address"),
    ]  # fmt: skip
    return exports.download(format, name, headings, lines)


@bp.post("/<uuid:entry_id>/revert")
@guard(Permission.VIEW_ACTIVITY, entry=AuditEntry)
def revert(entry: AuditEntry) -> Any:
    """Take a change back; whoever may make such changes may do so."""
    permission = revertible.permission_for(entry)
    if permission is None:
        abort(404)
    require(permission)
    try:
        thing = operations.revert(entry, actor=g.actor)
    except RefusedError as error:
        status = 409 if isinstance(error, ConflictError) else 422
        return htmx.render(
            "audit/not_reverted.html", status=status, error=error, without=filters.without
        )
    toast = _("%(name)s is again as it was before.", name=thing.name)
    return htmx.see_other(url_for(".index", **filters.without(request.args)), toast=toast)


def _lines(chosen: filters.Filters, up_to: int, timezone: str) -> Iterator[list[Any]]:
    """Yield a line for each field of each entry, or one for an entry without fields."""
    names, zone = dict(choices.projects(archived=True)), ZoneInfo(timezone)
    for entry in queries.every(chosen, up_to):
        part = feed.alone(entry)
        told = [
            entry.at.astimezone(zone).replace(tzinfo=None, microsecond=0),
            sentences.who(entry.actor_name),
            entry.on_behalf_of,
            part.text,
            names.get(entry.project_id, "") if entry.project_id else "",
            part.kind_label,
            entry.object_name,
        ]
        for row in part.rows or [{"label": "", "before": None, "after": None}]:
            sides = [_cell(row["before"]), _cell(row["after"])]
            yield [*told, row["label"], *sides, "; ".join(part.details), entry.address]


def _cell(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else value or ""


def _refused(error: RefusedError) -> Any:
    return htmx.render("audit/refused.html", "audit/_refused.html", status=422, error=error)


def _before() -> int | None:
    """Return the number of the entry behind which to go on; anything odd begins at the newest."""
    return whole(request.args.get("before", ""), 17)


def _today() -> dt.date:
    return utcnow().astimezone(languages.zone()).date()


def _options(
    chosen: filters.Filters, summary: queries.Summary, projects: Sequence[tuple[uuid.UUID, str]]
) -> dict[str, list[tuple[Any, str, bool]]]:
    """Return the choices of each filter: value, label, whether it is chosen."""
    kinds = sorted((fields.kind_label(kind), kind) for kind in {*summary.kinds, *chosen.kinds})
    return {
        "person": [(one, name, one in chosen.person_ids) for one, name, _count in summary.actors],
        "project": [(one, name, one in chosen.project_ids) for one, name in projects],
        "kind": [(kind, label, kind in chosen.kinds) for label, kind in kinds],
        "what": [
            (what, str(label), what in chosen.what) for what, label in filters.WHAT_LABELS.items()
        ],
    }
