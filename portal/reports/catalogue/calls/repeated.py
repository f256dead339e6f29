"""Who calls again and again."""

from flask_babel import lazy_gettext as _l

from portal.reports.facts import repeated, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="repeated-calls",
    number=23,
    section="calls",
    icon="rotate-clockwise",
    label=_l("Repeated calls"),
    question=_l("Who has to call again, and how many are helped at their first call?"),
    fact=repeated.FACT,
    measures=(
        repeated.CALLS,
        repeated.CALLERS,
        repeated.AGAIN,
        repeated.SOLVED,
        repeated.FIRST_AT,
        repeated.LAST_AT,
    ),
    groups=(repeated.BY_NUMBER, visits.BY_QUEUE, visits.BY_PROJECT),
    chart=Chart("bars", ("times",)),
    shows=repeated.called_again,
)
