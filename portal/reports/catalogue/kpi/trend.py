"""How figures develop: each day, week or month, beside the period before."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import service, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="trend",
    number=12,
    section="kpi",
    icon="arrow-up-right",
    label=_l("Trend"),
    question=_l("Is it getting better or worse?"),
    fact=visits.FACT,
    measures=(
        visits.CALLS,
        visits.ENTERED,
        visits.TAKEN,
        visits.LEFT,
        service.ABANDONMENT,
        service.SERVICE_LEVEL,
        visits.ASA,
        visits.AHT,
    ),
    groups=CALENDAR,
    chart=Chart("lines", ("service_level",)),
    compared=True,
    default_period="last_30_days",
)
