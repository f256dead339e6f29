"""When the load comes: by hour of the day and weekday."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import HOUR_OF_DAY, WEEKDAY
from portal.reports.facts import service, visits
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="load",
    number=21,
    section="calls",
    icon="calendar-time",
    label=_l("Load by hour and weekday"),
    question=_l("On which days and at which hours do calls come, and are they lost?"),
    fact=visits.FACT,
    measures=(visits.CALLS, visits.ENTERED, visits.LEFT, service.SERVICE_LEVEL),
    groups=(WEEKDAY, HOUR_OF_DAY),
    grouped=2,
    chart=Chart("heat", ("visits",)),
    default_period="last_30_days",
)
