"""Who sees which project, and why: to be gone through now and then."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.facts import access
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="access-review",
    number=44,
    section="company",
    icon="shield-check",
    label=_l("Access review"),
    question=_l("Who sees which project, and why?"),
    fact=access.FACT,
    measures=access.MEASURES,
    groups=(access.BY_USER, access.BY_PROJECT, access.BY_GROUP, access.BY_WHY),
    chart=Chart("none"),
    lists=True,
    permissions=(Permission.VIEW_PEOPLE,),
)
