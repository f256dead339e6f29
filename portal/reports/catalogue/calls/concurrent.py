"""How many lines and operators the load takes at once."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import HOUR, QUARTER
from portal.reports.facts import concurrent
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="concurrent-calls",
    number=22,
    section="calls",
    icon="stack-2",
    label=_l("Concurrent calls"),
    question=_l("How many calls are up at once, and are there operators for them?"),
    fact=concurrent.FACT,
    measures=(concurrent.AT_ONCE, concurrent.MEAN, concurrent.OPERATORS),
    groups=(QUARTER, HOUR),
    chart=Chart("area", ("peak",)),
    gather=concurrent.gather,
)
