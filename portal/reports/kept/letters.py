"""A report as a mail: made with the rights of its recipient, in their language and zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import g
from flask_babel import gettext as _

from portal import languages
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.accounts import mail
from portal.errors import RefusedError
from portal.reports import asked as asking
from portal.reports import cells, tables
from portal.reports.kept import addresses, links
from portal.reports.kept.models import ReportSubscription
from portal.reports.registry import REPORTS
from portal.reports.tables import Table
from portal.reports.terms import Report

MOST_GROUPS = 50
_WIDEST = 40


@dataclass(frozen=True)
class Letter:
    """What a recipient is sent. ``ends``: nothing more will come, since this cannot be made."""

    subject: str
    recipient: str
    context: dict[str, Any] = field(default_factory=dict)
    ends: bool = False
    rows: int = 0


def compose(one: ReportSubscription) -> Letter | None:
    """Return the mail that is due; None where the portal knows no such report any more."""
    report = REPORTS.get(one.report)
    if report is None:
        return None
    if not _may_open(report):
        return _ending(report)
    kept = addresses.read(report, one.filter)
    if kept.emptied:
        return _ending(report, kept)
    try:
        asked = asking.read(report, kept.arguments, timezone=languages.timezone())
    except RefusedError:
        return _ending(report)
    table = tables.make(asked, compare=asked.compare)
    return Letter(
        f"{report.label}: {asked.period.range_label}",
        g.actor.email,
        {
            **_about(report, kept),
            "asked": asked,
            "said": addresses.said(asked),
            "totals": _totals(table),
            "lines": _table(table) if table.rows else [],
            "more": max(0, len(table.rows) - MOST_GROUPS),
            "unsubscribe": mail.link("kept.unsubscribe", token=links.token_of(one)),
        },
        rows=min(len(table.rows), MOST_GROUPS),
    )


def _may_open(report: Report) -> bool:
    """Whether the recipient may look at the report, and has anything to look at."""
    scope = g.identity.scope
    permitted = all(map(can, (Permission.VIEW_REPORTS, *report.permissions)))
    return permitted and bool(scope.sees_all or scope.project_ids)


def _ending(report: Report, kept: addresses.Kept | None = None) -> Letter:
    subject = _("%(report)s is no longer mailed", report=report.label)
    return Letter(subject, g.actor.email, _about(report, kept), ends=True)


def _about(report: Report, kept: addresses.Kept | None) -> dict[str, Any]:
    live = mail.link("reports.show", report=report)
    if kept is not None and (filter := addresses.written(kept.arguments)):
        live = f"{live}?{filter}"
    return {
        "name": g.actor.name,
        "company": g.identity.company.name,
        "report": report,
        "lost": kept.lost if kept else (),
        "live": live,
    }


def _totals(table: Table) -> list[tuple[str, str]]:
    measures = table.asked.report.measures
    return [(str(one.label), cells.figure(one, table.total.value(one))) for one in measures]


def _table(table: Table) -> list[str]:
    """Return the first groups and the total as lines of equally wide columns."""
    by, measures = table.asked.by, table.asked.report.measures
    rows = [
        [*(str(one.label) for one in by), *(str(one.label) for one in measures)],
        *(
            [*row.labels, *(cells.figure(one, row.value(one)) for one in measures)]
            for row in table.rows[:MOST_GROUPS]
        ),
        [_("Total"), *[""] * (len(by) - 1), *(value for _label, value in _totals(table))],
    ]
    texts = [[_short(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = [_line(row, widths, len(by)) for row in texts]
    rule = "-" * len(lines[0])
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _line(row: Sequence[str], widths: Sequence[int], names: int) -> str:
    padded = [
        text.ljust(width) if place < names else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(padded)


def _short(text: str) -> str:
    """Return a text in one line of at most a column's width."""
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
