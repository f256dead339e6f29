"""How many contacts were added and changed, from where and by whom."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR
from portal.reports.facts import contacts
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="contacts-changed",
    number=38,
    section="crm",
    icon="address-book",
    label=_l("Contacts added and changed"),
    question=_l("How many contacts came in, from where, and who changes them?"),
    fact=contacts.FACT,
    measures=contacts.MEASURES,
    groups=(
        *CALENDAR,
        contacts.BY_SOURCE,
        contacts.BY_IMPORT,
        contacts.BY_PERSON,
        contacts.BY_PROJECT,
    ),
    chart=Chart("lines", ("added", "changed")),
    permissions=(Permission.VIEW_CONTACTS,),
    default_period="last_30_days",
)
