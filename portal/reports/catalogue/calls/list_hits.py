"""Which calls had to do with a list of numbers, and what was done with them."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import hits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="list-hits",
    number=28,
    section="calls",
    icon="list",
    label=_l("List hits"),
    question=_l("Who of the lists called or was called, and what was done?"),
    fact=hits.FACT,
    measures=(hits.FOUND, hits.BLOCKED, hits.VIPS, hits.LET_THROUGH),
    groups=(hits.BY_LIST, hits.BY_DONE, hits.BY_QUEUE, hits.BY_PROJECT, *CALENDAR),
    chart=Chart("stack", ("blocked", "vip", "let_through")),
    permissions=(Permission.VIEW_OBJECTS,),
    default_period="last_30_days",
)
