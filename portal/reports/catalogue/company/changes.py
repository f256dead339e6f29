"""Who changed what, and what it was before."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import entries
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="change-log",
    number=42,
    section="company",
    icon="history",
    label=_l("Change log"),
    question=_l("Who changed what, and what was it before?"),
    fact=entries.CHANGE_LOG,
    measures=entries.CHANGES,
    groups=(entries.BY_PROJECT, entries.BY_PERSON, entries.BY_KIND, *CALENDAR),
    chart=Chart("none"),
    lists=True,
    permissions=(Permission.VIEW_ACTIVITY,),
)
