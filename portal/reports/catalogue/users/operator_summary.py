"""The working time of each operator on one line."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import times
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="operator-summary",
    number=2,
    section="users",
    icon="users",
    label=_l("Summary of operators"),
    question=_l("Who was there from when to when, and what did they do?"),
    fact=times.FACT,
    measures=(
        times.WHOLE,
        times.STARTED,
        times.ENDED,
        times.IN_READY,
        times.IN_TALK,
        times.IN_AFTER_CALL,
        times.IN_AWAY,
        times.IN_OTHERS,
        times.ANSWERED,
        times.AHT,
    ),
    groups=(times.BY_OPERATOR, times.BY_GROUP, *CALENDAR),
    chart=Chart("stack", ("ready", "talk", "after_call", "away", "na")),
)
