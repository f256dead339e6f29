"""How many forms were filled in, by whom, and how long it took."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.reports.dimensions import CALENDAR, HOUR_OF_DAY
from portal.reports.facts import fillings
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="forms-filled",
    number=35,
    section="crm",
    icon="script",
    label=_l("Forms filled"),
    question=_l("Who filled in which forms, and how long did it take?"),
    fact=fillings.FACT,
    measures=fillings.MEASURES,
    groups=(
        fillings.BY_OPERATOR,
        fillings.BY_FORM,
        fillings.BY_GROUP,
        fillings.BY_PROJECT,
        *CALENDAR,
        HOUR_OF_DAY,
    ),
    chart=Chart("within", ("started", "finished")),
    permissions=(Permission.VIEW_CONTACTS,),
    default_period="last_30_days",
)
