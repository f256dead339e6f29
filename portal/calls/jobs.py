"""What workers do for roll-ups: count anew after a company's time zone or prices have changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.calls import recounting
from portal.extensions import db
from portal.filters import show_number
from portal.jobs.progress import Progress
from portal.jobs.registry import at_start, each_round, job


def _counted(result: dict[str, Any]) -> str:
    visits = result.get("visits", 0)
    said = ngettext(
        "%(count)s entry of the call log was counted.",
        "%(count)s entries of the call log were counted.",
        visits,
        count=show_number(visits),
    )
    return str(said)


@job(
    "recount_calls",
    label=_l("Counting calls"),
    permission=Permission.COMPANY_SETTINGS,
    cancellable=False,
    page=lambda arguments: ("company.settings", {}),
    outcome=_counted,
)
def recount_calls(progress: Progress) -> dict[str, Any]:
    """Count anew for the days of the zone that the company has now; one transaction."""
    return {"visits": recounting.recount(g.actor.company_id, check=progress.check)}


@at_start
def fill_figures(check: Callable[[], None]) -> None:
    """Count for companies whose figures an upgrade has left empty, or whose job did not end."""
    for company_id in recounting.stale():
        recounting.recount(company_id, check=check)
        db.session.commit()


@each_round
def count_costs() -> None:
    """Count anew what calls cost where prices have changed; until then reports price each call."""
    for company_id in recounting.repriced():
        recounting.recount_costs(company_id)
