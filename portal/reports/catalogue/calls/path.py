"""The way that calls took: one row for each of their parts."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY
from portal.reports.facts import visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="call-path",
    number=14,
    section="calls",
    icon="route",
    label=_l("Call path"),
    question=_l("Through which queues and people did calls go?"),
    fact=visits.SEVERAL,
    measures=(visits.CALLS, visits.WAYS, visits.TALKED_TO, visits.PASSED_ON),
    groups=(HOUR_OF_DAY, *CALENDAR),
    chart=Chart("columns", ("visits",)),
    lists=True,
    columns=visits.PATH,
)
