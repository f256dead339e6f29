"""How much of their time operators were ready, talked, and were away."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import times
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="time-in-statuses",
    number=3,
    section="users",
    icon="clock",
    label=_l("Time in statuses"),
    question=_l("How is the time of operators spent?"),
    fact=times.FACT,
    measures=(times.TOTAL, times.SHARE, times.COUNT, times.AVERAGE, times.LONGEST_ONE),
    groups=(times.BY_OPERATOR, times.BY_STATUS, times.BY_GROUP, times.BY_PROJECT, *CALENDAR),
    grouped=2,
    chart=Chart("stack", ("total",)),
)
