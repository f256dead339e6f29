"""Who passes calls on, to whom, and what becomes of them."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import transfers
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="transfers",
    number=27,
    section="calls",
    icon="arrows-exchange",
    label=_l("Transfers"),
    question=_l("Who passes calls on, to whom, and what becomes of them?"),
    fact=transfers.FACT,
    measures=(transfers.PASSED_ON, transfers.TAKEN, transfers.TAKEN_SHARE, transfers.TALKED),
    groups=(
        transfers.BY_OPERATOR,
        transfers.BY_QUEUE,
        transfers.BY_TARGET,
        transfers.BY_PROJECT,
        *CALENDAR,
    ),
    chart=Chart("bars", ("transfers",)),
)
