"""How busy operators are while they are there for calls."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import times
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="occupancy",
    number=10,
    section="kpi",
    icon="clock",
    label=_l("Occupancy"),
    question=_l("How busy are operators while they are there for calls?"),
    fact=times.FACT,
    measures=(times.OCCUPANCY, times.UTILISATION, times.IDLE, times.WHOLE),
    groups=(*CALENDAR, times.BY_OPERATOR, times.BY_GROUP, times.BY_PROJECT),
    chart=Chart("lines", ("occupancy",)),
    default_period="last_30_days",
)
