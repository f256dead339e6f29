"""Which of one's own numbers people call."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="numbers-dialled-in",
    number=29,
    section="calls",
    icon="hash",
    label=_l("Numbers dialled in"),
    question=_l("Which of your own numbers do people call?"),
    fact=visits.DIALLED_IN,
    measures=(visits.CALLS, visits.TALKED_TO, visits.GIVEN_UP),
    groups=(visits.BY_DID, visits.BY_PROJECT, *CALENDAR),
    chart=Chart("bars", ("visits",)),
)
