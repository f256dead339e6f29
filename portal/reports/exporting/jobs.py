"""The job that writes a long download."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal import languages
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import trail
from portal.connections import only_reading
from portal.errors import RefusedError
from portal.filters import show_number
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from portal.jobs.progress import Progress
from portal.jobs.registry import job
from portal.members.models import User
from portal.reports import asked as asking
from portal.reports import downloads, raw_rows, tables
from portal.reports.asked import Asked, Behind
from portal.reports.exporting import files
from portal.reports.kept import addresses
from portal.reports.registry import REPORTS
from portal.reports.terms import Report

KIND = "export_report"
_ROWS_AT_ONCE = 5000


def start(report: Report, format: str, asked: Asked, filter: str, *, actor: User) -> Job:
    """Let a worker write the download; its page says how far it is and leads to the file."""
    name = f"{downloads.name_of(asked)}.{format}"
    arguments = {"report": report.name, "format": format, "filter": filter}
    made = enqueue(KIND, arguments, title=name, actor=actor)
    made.arguments = {**arguments, "export_id": str(made.id)}
    return made


def _page(arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "exporting.download", {"export_id": arguments["export_id"]}


def _outcome(result: dict[str, Any]) -> str:
    rows = result["rows"]
    said = ngettext(
        "%(count)s row. The file is kept for a day.",
        "%(count)s rows. The file is kept for a day.",
        rows,
        count=show_number(rows),
    )
    return str(said)


@job(
    KIND,
    label=_l("Export"),
    permission=Permission.EXPORT,
    page=_page,
    outcome=_outcome,
    private=True,
)
def run(
    progress: Progress, *, report: str, format: str, filter: str, export_id: str
) -> dict[str, Any]:
    """Write the file anew, whatever a worker before has written of it, and then tell the trail."""
    arguments = addresses.parsed(filter)
    with only_reading():
        asked, behind = _asked(report, filter), None
        if "measure" in arguments:
            asked, behind = asking.behind(asked, arguments)
        headings, lines, rows = _planned(progress, asked, behind)
        held = {"company_id": g.identity.company.id, "export_id": uuid.UUID(export_id)}
    with files.written(**held) as file:
        downloads.write(format, file, headings, lines)
        progress.check()
    name = f"{downloads.name_of(asked)}.{format}"
    trail.record("exported", **downloads.told(name, arguments, rows[0]))
    return {"rows": rows[0], "name": name, **_rights()}


def _asked(name: str, filter: str) -> Asked:
    report = REPORTS.get(name)
    if report is None or not all(map(can, (Permission.VIEW_REPORTS, *report.permissions))):
        raise RefusedError(_("The person who started this may no longer do it."))
    if addresses.read(report, filter).lost:
        raise RefusedError(_("What a filter names is not seen any more."))
    return asking.read(report, addresses.parsed(filter), timezone=languages.timezone())


def _planned(
    progress: Progress, asked: Asked, behind: Behind | None
) -> tuple[list[str], Iterable[list[Any]], list[int]]:
    """Return headings, lines and, once these are read, how many rows there were."""
    if not downloads.lists_rows(asked, behind):
        table = tables.make(asked)
        return *downloads.of_groups(table), [len(table.rows)]
    rows, total = [0], raw_rows.count(asked, behind)
    headings, lines = downloads.of_rows(asked, behind, _pages(progress, asked, behind, rows, total))
    return headings, lines, rows


def _pages(
    progress: Progress, asked: Asked, behind: Behind | None, rows: list[int], total: int
) -> Iterator[list[Any]]:
    """Yield the rows; each page is read by itself, so that nobody waits while it is written."""
    pages = raw_rows.pages(asked, behind, _ROWS_AT_ONCE)
    while True:
        with only_reading():
            page = next(pages, None)
        if page is None:
            return
        yield page
        rows[0] += len(page)
        progress.report(rows[0], max(rows[0], total))


def _rights() -> dict[str, Any]:
    """Return what the file was written with: who has less of it now has no claim on the file."""
    scope, permissions = g.identity.scope, g.identity.permissions
    return {
        "sees_all": scope.sees_all,
        "projects": [one.hex for one in scope.project_ids],
        "permissions": sorted(permissions),
    }


def file_of(job: Job) -> tuple[Path, str] | None:
    """Return the file of a job and its name, if who is asking has all rights that it ran with."""
    result, scope = job.result or {}, g.identity.scope
    if "permissions" not in result or not g.identity.permissions >= set(result["permissions"]):
        return None
    inside = {one.hex for one in scope.project_ids} >= set(result["projects"])
    if not scope.sees_all and (result["sees_all"] or not inside):
        return None
    path = files.path_of(job.company_id, job.id)
    return (path, result["name"]) if path.exists() else None
