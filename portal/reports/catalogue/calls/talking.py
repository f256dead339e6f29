"""How long did calls take?"""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY
from portal.reports.facts import lengths, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="talk-time",
    number=20,
    section="calls",
    icon="headset",
    label=_l("Talk time"),
    question=_l("How long did calls take?"),
    fact=visits.RAW,
    measures=lengths.TALKS,
    groups=(visits.BY_QUEUE, visits.BY_OPERATOR, visits.BY_PROJECT, *CALENDAR, HOUR_OF_DAY),
    chart=Chart("histogram", lengths.BANDS_OF_TALKS),
)
