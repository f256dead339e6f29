"""What each operator did from when to when."""

from flask_babel import lazy_gettext as _l

from portal.reports.facts import journal
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="operator-journal",
    number=1,
    section="users",
    icon="history",
    label=_l("Operators' journal"),
    question=_l("What did an operator do, from when to when?"),
    fact=journal.FACT,
    measures=journal.MEASURES,
    groups=(journal.BY_OPERATOR, journal.BY_STATUS, journal.BY_GROUP),
    chart=Chart("spans", columns=("operator", "status", "from", "to")),
    lists=True,
    default_period="today",
)
