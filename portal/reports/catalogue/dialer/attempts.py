"""Whether it pays to call again: the first, second, third attempt at a number."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import attempts
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="attempts",
    number=31,
    section="dialer",
    icon="rotate-clockwise",
    label=_l("Attempts"),
    question=_l("At which attempt are people reached, and how long is waited before it?"),
    fact=attempts.FACT,
    measures=(
        attempts.MADE,
        attempts.REACHED_ONES,
        attempts.CONTACT,
        attempts.MEAN_GAP,
        attempts.LONGEST_GAP,
    ),
    groups=(attempts.BY_ATTEMPT, attempts.BY_DIALER, attempts.BY_PROJECT, *CALENDAR),
    chart=Chart("within", ("calls", "reached")),
    default_period="last_30_days",
)
