"""What an operator sees of the day: their own calls. No report that others can open."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import HOUR
from portal.reports.facts import visits
from portal.reports.terms import Chart, Report

OWN = Report(
    name="own-day",
    number=0,
    section="users",
    icon="headset",
    label=_l("My day"),
    question=_l("What have I done today?"),
    fact=visits.OPERATORS,
    measures=(visits.CALLS, visits.TALKED_TO, visits.TALKED, visits.AHT, visits.LONGEST),
    groups=(HOUR,),
    chart=Chart("columns", ("visits",)),
    default_period="today",
)
