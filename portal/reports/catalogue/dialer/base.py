"""How far each base is worked through, and how good its numbers are."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.facts import base
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="base-progress",
    number=32,
    section="dialer",
    icon="list-details",
    label=_l("Base progress and quality"),
    question=_l("How far is each base worked through, and how good are its numbers?"),
    fact=base.FACT,
    measures=base.MEASURES,
    groups=(base.BY_DIALER, base.BY_IMPORT, base.BY_PROJECT),
    chart=Chart("progress", ("done", "left")),
    permissions=(Permission.VIEW_OBJECTS,),
)
