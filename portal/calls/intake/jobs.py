"""What workers do for call sources: read uploads, and assign calls after a name got a meaning."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.audit import trail
from portal.calls import importing
from portal.calls.evidence import CallRule, Identity, ImportRun
from portal.calls.intake import rules, spool
from portal.calls.operations import stamp_again
from portal.calls.rezoning import rezone
from portal.calls.turns import in_turn
from portal.errors import RefusedError
from portal.extensions import db
from portal.filters import show_number
from portal.jobs.progress import Progress
from portal.jobs.registry import job
from portal.wall.scope import unscoped


def _run_page(arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "sources.run", {"run_id": arguments["run_id"]}


def _names_page(arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "sources.names", {"source_id": arguments["source_id"]}


def _source_page(arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "sources.show", {"source_id": arguments["source_id"]}


def _imported(result: dict[str, Any]) -> str:
    calls = result.get("calls_new", 0)
    said = ngettext("%(count)s new call.", "%(count)s new calls.", calls, count=show_number(calls))
    return str(said)


def _assigned(result: dict[str, Any]) -> str:
    visits = result.get("visits", 0)
    said = ngettext(
        "%(count)s entry of the call log was assigned again.",
        "%(count)s entries of the call log were assigned again.",
        visits,
        count=show_number(visits),
    )
    return str(said)


@job(
    "import_calls",
    label=_l("Import of calls"),
    permission=Permission.IMPORT_CALLS,
    sees_all=True,
    page=_run_page,
    outcome=_imported,
)
def read_upload(progress: Progress, *, run_id: str) -> dict[str, Any] | None:
    """Read the files of an upload; one that was interrupted goes on where it was."""
    company_id, key = g.actor.company_id, uuid.UUID(run_id)
    _sweep()
    run = db.session.get(ImportRun, (company_id, key))
    if run is None:
        return None
    if run.state != "done":  # else the worker ended between the last two lines
        run = _read(progress, run)
    spool.remove(company_id, key)
    return {"calls_new": run.calls_new}


def _read(progress: Progress, run: ImportRun) -> ImportRun:
    run_id, source_id, uploads = run.id, run.source_id, spool.uploads(run.company_id, run.id)
    if not uploads:
        raise RefusedError(
            _("The files of this import are gone. Upload them again: what was read is kept.")
        )
    db.session.rollback()  # nothing is held while another upload of the source is read

    def told(done: int, total: int) -> None:
        progress.tell(done, total)
        progress.check()

    with in_turn(source_id, meanwhile=progress.check):
        return importing.carry_out(run_id, uploads, progress=told)


def _sweep() -> None:
    """Remove the files that are left of uploads which were never kept, or have been read."""
    for company_id, run_id in spool.old_folders():
        with unscoped("folders are of every company"):
            run = db.session.get(ImportRun, (company_id, run_id))
        if run is None or run.state in ("done", "layout"):
            spool.remove(company_id, run_id)
    db.session.rollback()


@job(
    "assign_calls",
    label=_l("Assigning calls"),
    permission=Permission.IMPORT_CALLS,
    sees_all=True,
    cancellable=False,
    page=_names_page,
    outcome=_assigned,
)
def assign_calls(
    progress: Progress,
    *,
    source_id: str,
    identity_ids: list[str],
    extents: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Stamp the past calls of names and rules by what they mean now; each is one transaction."""
    steps: list[tuple[Callable[[uuid.UUID, Any], int], Any]]
    steps = [(_assign, one) for one in identity_ids]
    steps += [(_assign_ruled, one) for one in extents]
    visits, source = 0, uuid.UUID(source_id)
    with in_turn(source, meanwhile=progress.check):
        for done, (assign, one) in enumerate(steps, 1):
            visits += assign(source, one)
            progress.report(done, len(steps))
    return {"visits": visits}


@job(
    "rezone_calls",
    label=_l("Reading times in another zone"),
    permission=Permission.IMPORT_CALLS,
    sees_all=True,
    cancellable=False,
    page=_source_page,
)
def rezone_calls(progress: Progress, *, source_id: str) -> None:
    """Read what is there of a source in the zone that it has now."""
    source = uuid.UUID(source_id)
    company_id = g.actor.company_id
    db.session.rollback()
    with in_turn(source, meanwhile=progress.check):
        rezone(company_id, source, progress.report)


def _assign(source_id: uuid.UUID, identity_id: str) -> int:
    word = db.session.get(Identity, (g.actor.company_id, uuid.UUID(identity_id)))
    if word is None:
        return 0
    word_id, raw = word.id, word.raw
    return _told("identity", word_id, raw, stamp_again(word))


def _assign_ruled(source_id: uuid.UUID, told: dict[str, Any]) -> int:
    extent = rules.Extent(**told)
    changed = extent.stamp_again(g.actor.company_id, source_id)
    return _told("call_rule", uuid.UUID(extent.rule_id), CallRule.audit_name(told), changed)


def _told(kind: str, object_id: uuid.UUID, name: str, visits: int) -> int:
    if visits:
        detail = {"visits": visits}
        trail.record("stamped", kind=kind, object_id=object_id, object_name=name, detail=detail)
    return visits
