"""How long did callers wait?"""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY
from portal.reports.facts import lengths, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="waiting-time",
    number=19,
    section="calls",
    icon="clock",
    label=_l("Waiting time"),
    question=_l("How long did callers wait?"),
    fact=visits.RAW,
    measures=lengths.WAITS,
    groups=(visits.BY_QUEUE, visits.BY_PROJECT, *CALENDAR, HOUR_OF_DAY),
    chart=Chart("histogram", lengths.BANDS_OF_WAITS),
)
