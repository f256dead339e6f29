"""What of clients' data left the portal, or was uncovered, and by whom."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import entries
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="exports",
    number=43,
    section="company",
    icon="file-export",
    label=_l("Exports and views of client data"),
    question=_l("Who took data of clients out of the portal, and how much?"),
    fact=entries.DATA,
    measures=entries.LEAVING,
    groups=(entries.BY_PERSON, entries.BY_PROJECT, entries.BY_KIND, *CALENDAR),
    chart=Chart("bars", ("exports", "views")),
    permissions=(Permission.VIEW_ACTIVITY,),
    default_period="last_30_days",
)
