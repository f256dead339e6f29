"""Calls that rang at somebody's and were not taken."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import offers
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="missed-by-operator",
    number=7,
    section="users",
    icon="phone-x",
    label=_l("Missed by operator"),
    question=_l("At whose phones do calls ring in vain?"),
    fact=offers.FACT,
    measures=offers.MEASURES,
    groups=(
        offers.BY_OPERATOR,
        offers.BY_QUEUE,
        offers.BY_GROUP,
        offers.BY_PROJECT,
        *CALENDAR,
    ),
    chart=Chart("bars", ("missed",)),
)
