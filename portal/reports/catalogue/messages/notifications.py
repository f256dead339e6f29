"""Which messages were sent, whether they arrived, and what they cost."""

from flask_babel import lazy_gettext as _l

from portal.reports.dimensions import CALENDAR
from portal.reports.facts import messages
from portal.reports.terms import Chart, Report

REPORT = Report(
    name="notifications",
    number=39,
    section="messages",
    icon="message-2",
    label=_l("Notifications sent"),
    question=_l("Which messages were sent, did they arrive, and what did they cost?"),
    fact=messages.FACT,
    measures=(
        messages.SENT,
        messages.ARRIVED,
        messages.ARRIVED_SHARE,
        messages.LOST,
        messages.IN_PARTS,
        messages.PRICE,
    ),
    groups=(
        messages.BY_TEMPLATE,
        messages.BY_CHANNEL,
        messages.BY_STATUS,
        messages.BY_PROJECT,
        *CALENDAR,
    ),
    chart=Chart("bars", ("delivered", "failed")),
    default_period="last_30_days",
)
