"""What operators pause for."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import times
from portal.reports.terms import Chart, Report
from portal.statuses.models import AWAY

REPORT = Report(
    name="away-reasons",
    number=4,
    section="users",
    icon="coffee",
    label=_l("Away reasons"),
    question=_l("What do operators pause for, and for how long?"),
    fact=times.FACT,
    measures=(times.IN_AWAY, times.COUNT, times.AVERAGE, times.LONGEST_ONE),
    groups=(times.BY_REASON, times.BY_OPERATOR, times.BY_GROUP, *CALENDAR),
    chart=Chart("bars", ("away",)),
    where=(times.ROW.status == AWAY,),
)
