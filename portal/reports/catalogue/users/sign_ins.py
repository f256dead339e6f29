"""Who signed in when, from where, and for how long."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import sign_ins
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="sign-ins",
    number=5,
    section="users",
    icon="shield-check",
    label=_l("Sign-ins"),
    question=_l("Who signed in when, from where, and for how long?"),
    fact=sign_ins.FACT,
    measures=sign_ins.MEASURES,
    groups=(replace(sign_ins.BY_USER, label=_l("User")), *CALENDAR),
    chart=Chart("bars", ("sign_ins",)),
    lists=True,
    permissions=(Permission.VIEW_ACTIVITY, Permission.VIEW_PEOPLE),
)
