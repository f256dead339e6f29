"""What came of the calls of dialers: how many were reached, and why the others were not."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY, WEEKDAY
from portal.reports.facts import dialled
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="dialer-results",
    number=30,
    section="dialer",
    icon="phone-outgoing",
    label=_l("Dialer results"),
    question=_l("What came of the calls that dialers made?"),
    fact=dialled.FACT,
    measures=(
        dialled.MADE,
        dialled.CALLED,
        dialled.REACHED_ONES,
        dialled.BUSY,
        dialled.NO_ANSWER,
        dialled.FAILED,
        dialled.CONTACT,
    ),
    groups=(
        dialled.BY_DIALER,
        dialled.BY_IMPORT,
        dialled.BY_PROJECT,
        dialled.BY_OPERATOR,
        *CALENDAR,
        HOUR_OF_DAY,
        WEEKDAY,
    ),
    chart=Chart("funnel", ("calls", "tasks", "reached")),
)
