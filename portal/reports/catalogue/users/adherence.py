"""Whether operators were there when their queues were open."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import adherence
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="schedule-adherence",
    number=8,
    section="users",
    icon="calendar-time",
    label=_l("Schedule adherence"),
    question=_l("Were operators there when they were to be?"),
    fact=adherence.FACT,
    measures=adherence.MEASURES,
    groups=(adherence.BY_OPERATOR, *CALENDAR, adherence.BY_GROUP),
    grouped=2,
    chart=Chart("lines", ("adherence",)),
    shows=lambda sums: sums[adherence.PLANNED.name] > 0,
    gather=adherence.gather,
    rows=adherence.rows,
)
