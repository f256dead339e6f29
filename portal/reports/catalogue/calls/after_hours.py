"""Who called a queue while it was closed."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import DAY, HOUR_OF_DAY, WEEKDAY
from portal.reports.facts import after_hours, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="after-hours",
    number=25,
    section="calls",
    icon="calendar-time",
    label=_l("Calls after hours"),
    question=_l("Who called while a queue was closed? Queues without a schedule do not count."),
    fact=after_hours.FACT,
    measures=(after_hours.CALLS, visits.TAKEN, visits.LEFT),
    groups=(visits.BY_QUEUE, DAY, WEEKDAY, HOUR_OF_DAY),
    chart=Chart("bars", ("after_hours",)),
    lists=True,
)
