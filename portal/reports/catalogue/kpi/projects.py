"""Projects side by side."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from portal.reports.facts import lines, service, visits
from portal.reports.terms import Chart, Report

CALLS = Report(
    name="project-comparison",
    number=11,
    section="kpi",
    icon="folders",
    label=_l("Project comparison"),
    question=_l("Which project does better, and which needs help?"),
    fact=visits.FACT,
    measures=(
        visits.ENTERED,
        visits.TAKEN,
        visits.LEFT,
        service.ABANDONMENT,
        service.SERVICE_LEVEL,
        visits.ASA,
        visits.AHT,
    ),
    groups=(visits.BY_PROJECT,),
    chart=Chart("bars", ("served", "abandoned")),
    default_period="last_30_days",
)
_COSTS = replace(
    CALLS,
    fact=replace(lines.COSTS, filters=visits.FILTERS),
    measures=(replace(lines.SUM, label=_l("Cost")), lines.MONEY_OF),
)
REPORT = replace(CALLS, measures=(*CALLS.measures, *_COSTS.measures), beside=_COSTS)
