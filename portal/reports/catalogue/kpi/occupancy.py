"""How busy operators are while they are there for calls."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR
from portal.reports.facts import hours, times
from portal.reports.terms import Chart, Report

_REPORT = Report(
    name="occupancy",
    number=10,
    section="kpi",
    icon="clock",
    label=_l("Occupancy"),
    question=_l("How busy are operators while they are there for calls?"),
    fact=times.FACT,
    measures=(times.OCCUPANCY, times.UTILISATION, times.IDLE, times.WHOLE),
    groups=(*CALENDAR, HOUR, times.BY_OPERATOR, times.BY_GROUP, times.BY_PROJECT),
    chart=Chart("lines", ("occupancy",)),
    default_period="last_30_days",
)
_BY_HOUR = replace(
    _REPORT,
    fact=hours.FACT,
    measures=hours.MEASURES,
    groups=(*CALENDAR, HOUR, hours.BY_OPERATOR, hours.BY_GROUP, hours.BY_PROJECT),
    gather=hours.gather,
)
REPORT = replace(_REPORT, hourly=_BY_HOUR)
