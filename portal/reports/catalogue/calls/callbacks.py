"""What becomes of missed calls."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import missed
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="callbacks",
    number=18,
    section="calls",
    icon="phone-outgoing",
    label=_l("Callbacks"),
    question=_l("Are missed callers called back, by whom, and how soon?"),
    fact=missed.FACT,
    measures=(
        missed.CALLS,
        missed.CALLED_BACK,
        missed.REACHED,
        missed.CALLED_SHARE,
        missed.AFTER,
    ),
    groups=(missed.BY_CALLER, missed.BY_QUEUE, missed.BY_PROJECT, *CALENDAR),
    chart=Chart("funnel", ("missed", "called_back", "reached")),
)
