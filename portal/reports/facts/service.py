"""How many who call are answered in time, and how many leave: as the company counts them."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.company.models import SERVICE, SHORT, Company
from portal.reports.facts import visits
from portal.reports.terms import Measure, Sum, Sums

SERVED_WITHIN = {seconds: visits.of_figure(f"served_{seconds}") for seconds in SERVICE}
LEFT_WITHIN = {seconds: visits.of_figure(f"abandoned_{seconds}") for seconds in SHORT if seconds}


def _ratio(part: Any, whole: Any) -> float | None:
    return part / whole if whole else None


def _short(sums: Sums, company: Company) -> int:
    """Return how many left so soon that the company does not count them."""
    seconds = company.short_abandon_s
    return int(sums[LEFT_WITHIN[seconds].name]) if seconds else 0


def _service_level(sums: Sums) -> float | None:
    company = g.identity.company
    served = SERVED_WITHIN[company.service_s]
    return _ratio(sums[served.name], sums[visits.OFFERED.name] - _short(sums, company))


def _abandonment(sums: Sums) -> float | None:
    short = _short(sums, g.identity.company)
    return _ratio(sums[visits.ABANDONED.name] - short, sums[visits.OFFERED.name] - short)


def _in_time() -> Sum:
    return SERVED_WITHIN[g.identity.company.service_s]


def _service_told() -> str:
    """Say what the company has set for its service level."""
    seconds = g.identity.company.service_s
    text = _("Calls answered within %(num)d seconds as a share of all offered ones.", num=seconds)
    return f"{text} {_short_told()}".strip()


def _abandonment_told() -> str:
    return f"{_('Abandoned calls as a share of all offered ones.')} {_short_told()}".strip()


def _short_told() -> str:
    seconds = g.identity.company.short_abandon_s
    return _("Who left within %(num)d seconds does not count.", num=seconds) if seconds else ""


ABANDONMENT = Measure(
    "abandonment",
    _l("Abandonment"),
    LazyString(_abandonment_told),
    (visits.ABANDONED, visits.OFFERED, *LEFT_WITHIN.values()),
    unit="percent",
    value=_abandonment,
    better=-1,
    kpi="abandonment",
)
SERVICE_LEVEL = Measure(
    "service_level",
    _l("Service level"),
    LazyString(_service_told),
    (visits.OFFERED, *SERVED_WITHIN.values(), *LEFT_WITHIN.values()),
    unit="percent",
    value=_service_level,
    better=1,
    behind=_in_time,
    kpi="service_level",
)
WITHIN = tuple(
    Measure(
        f"within_{seconds}",
        _l("≤ %(num)d s", num=seconds),
        _l("Calls answered within %(num)d seconds as a share of all offered ones.", num=seconds),
        (served, visits.OFFERED, *LEFT_WITHIN.values()),
        unit="percent",
        value=lambda sums, served=served: _ratio(  # type: ignore[misc]  # bound now
            sums[served.name], sums[visits.OFFERED.name] - _short(sums, g.identity.company)
        ),
        better=1,
    )
    for seconds, served in SERVED_WITHIN.items()
)
