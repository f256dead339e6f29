"""What calls to the outside cost, by the prices of the SIP providers."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import lines
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="cost",
    number=41,
    section="lines",
    icon="hash",
    label=_l("Cost"),
    question=_l("What do calls to the outside cost?"),
    fact=lines.COSTS,
    measures=(lines.CALLED, lines.MINUTES, lines.RATE, lines.SUM, lines.UNRATED),
    groups=(lines.BY_PROJECT, lines.BY_CURRENCY, lines.BY_PROVIDER, *CALENDAR),
    grouped=2,
    chart=Chart("bars", ("cost",)),
    default_period="last_30_days",
)
