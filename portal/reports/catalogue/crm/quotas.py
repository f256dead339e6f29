"""How far the quotas of forms are filled."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.facts import quotas
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="quotas",
    number=36,
    section="crm",
    icon="circle-dot",
    label=_l("Quotas"),
    question=_l("How far are the quotas of forms filled?"),
    fact=quotas.FACT,
    measures=quotas.MEASURES,
    groups=(quotas.BY_FORM, quotas.BY_QUESTION, quotas.BY_ANSWER, quotas.BY_PROJECT),
    chart=Chart("progress", ("done", "left")),
    lists=True,
    permissions=(Permission.VIEW_CONTACTS,),
)
