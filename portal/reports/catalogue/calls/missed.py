"""Whom nobody answered, and who called back."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import missed
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="missed",
    number=17,
    section="calls",
    icon="phone-x",
    label=_l("Missed and abandoned"),
    question=_l("Whom did nobody answer, and has anybody called back?"),
    fact=missed.FACT,
    measures=(missed.CALLS, missed.CALLED_BACK, missed.CALLED_SHARE, missed.AFTER),
    groups=(missed.BY_QUEUE, missed.BY_PROJECT, *CALENDAR),
    chart=Chart("bars", ("missed",)),
    lists=True,
)
