"""Which targets are met: figures of projects, groups and people beside what they are to reach."""

from flask_babel import lazy_gettext as _l

from portal.reports.facts import service, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="kpi-scorecard",
    number=9,
    section="kpi",
    icon="circle-check",
    label=_l("KPI scorecard"),
    question=_l("Which targets are met, and which are missed?"),
    fact=visits.FACT,
    measures=(
        service.SERVICE_LEVEL,
        service.ABANDONMENT,
        visits.AHT,
        visits.ENTERED,
    ),
    groups=(visits.BY_PROJECT, visits.BY_QUEUE, visits.BY_GROUP, visits.BY_OPERATOR),
    chart=Chart("bullet", ("service_level",)),
    targets=True,
    default_period="last_30_days",
)
