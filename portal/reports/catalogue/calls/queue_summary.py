"""How each queue did: what came, what was answered, how fast, how long it took."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR, HOUR_OF_DAY, WEEKDAY
from portal.reports.facts import service, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="queue-summary",
    number=15,
    section="calls",
    icon="stack-2",
    label=_l("Queue summary"),
    question=_l("How much came to each queue, and how was it dealt with?"),
    fact=visits.FACT,
    measures=(
        visits.ENTERED,
        visits.TAKEN,
        visits.LEFT,
        service.ABANDONMENT,
        service.SERVICE_LEVEL,
        visits.ASA,
        visits.AHT,
        visits.LONGEST,
    ),
    groups=(visits.BY_QUEUE, visits.BY_PROJECT, *CALENDAR, HOUR, HOUR_OF_DAY, WEEKDAY),
    chart=Chart("columns", ("served", "abandoned")),
)
