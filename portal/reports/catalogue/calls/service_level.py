"""How many callers were answered in time, and whether that is enough."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR, HOUR, HOUR_OF_DAY
from portal.reports.facts import service, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="service-level",
    number=16,
    section="calls",
    icon="clock",
    label=_l("Service level"),
    question=_l("How many callers were answered in time?"),
    fact=visits.FACT,
    measures=(visits.ENTERED, *service.WITHIN, service.SERVICE_LEVEL),
    groups=(visits.BY_QUEUE, visits.BY_PROJECT, *CALENDAR, HOUR, HOUR_OF_DAY),
    chart=Chart("lines", ("service_level",)),
    targets=True,
)
