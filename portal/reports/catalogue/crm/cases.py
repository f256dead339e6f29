"""How many cases there are, in which state, with whom, and how many wait for too long."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import cases
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="cases",
    number=37,
    section="crm",
    icon="inbox",
    label=_l("Cases"),
    question=_l("Where do cases stand, and which of them are overdue?"),
    fact=cases.FACT,
    measures=cases.MEASURES,
    groups=(cases.BY_STATUS, cases.BY_OWNER, cases.BY_GROUP, cases.BY_PROJECT, *CALENDAR),
    chart=Chart("within", ("cases", "overdue")),
    permissions=(Permission.VIEW_CONTACTS,),
    default_period="last_90_days",
)
