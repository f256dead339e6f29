"""What comes of the work of operators."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import work
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="productivity",
    number=6,
    section="users",
    icon="headset",
    label=_l("Operator productivity"),
    question=_l("What do operators get done?"),
    fact=work.FACT,
    measures=work.MEASURES,
    groups=(work.BY_OPERATOR, work.BY_GROUP, work.BY_PROJECT, *CALENDAR),
    chart=Chart("bars", ("in", "out", "missed")),
)
