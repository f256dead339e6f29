"""The call log as a report: every call with its figures above it."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY
from portal.reports.facts import visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="call-log",
    number=13,
    section="calls",
    icon="phone-call",
    label=_l("Call log"),
    question=_l("Which calls were there, one by one?"),
    fact=visits.FACT,
    measures=(visits.CALLS, visits.TALKED_TO, visits.GIVEN_UP, visits.TALKED),
    groups=(HOUR_OF_DAY, *CALENDAR),
    chart=Chart("columns", ("visits",)),
    lists=True,
)
