"""Messages that were sent, as their gateway tells."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.log import numbers
from portal.notifications.models import STATUSES, Notification
from portal.objects.kinds.template import CHANNELS, NotificationTemplate
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.facts.lines import currencies_of, currency, money
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, share

_HAS_COST = Notification.cost.is_not(None)

ALL = Sum("messages")
DELIVERED = Sum("delivered", Notification.status == "delivered")
FAILED = Sum("failed", Notification.status == "failed")
PARTS = Sum("parts", None, Notification.parts)
COST = Sum("cost", _HAS_COST, Notification.cost)
_CURRENCIES = currencies_of(_HAS_COST, Notification.currency)

BY_TEMPLATE = Dimension(
    "template",
    _l("Template"),
    Notification.template_id,
    NotificationTemplate,
    nothing=_l("Other templates"),
)
BY_CHANNEL = Dimension("channel", _l("Channel"), Notification.channel, words=CHANNELS)
BY_STATUS = Dimension("status", _l("Status"), Notification.status, words=STATUSES)
BY_PROJECT = dimensions.by_project(Notification.project_id)

SENT = Measure("messages", _l("Messages"), _l("Messages that the gateway took."), (ALL,))
ARRIVED = Measure(
    "delivered",
    _l("Delivered"),
    _l("Messages that arrived, as far as the gateway was told."),
    (DELIVERED,),
    better=1,
)
LOST = Measure("failed", _l("Failed"), _l("Messages that did not arrive."), (FAILED,), better=-1)
ARRIVED_SHARE = Measure(
    "delivered_share",
    _l("Delivered %"),
    _l("Delivered messages as a share of all."),
    (DELIVERED, ALL),
    unit="percent",
    value=share(DELIVERED, ALL),
    better=1,
)
IN_PARTS = Measure(
    "parts",
    _l("Parts"),
    _l("Parts that messages were sent in; a long SMS has several, each of them is paid."),
    (PARTS,),
)
PRICE = Measure(
    "cost",
    _l("Cost"),
    _l("What the gateway charged; different currencies are not added up."),
    (COST, *_CURRENCIES),
    unit="money",
    value=money,
    alike=currency,
    better=-1,
)


def _recipient(text: str) -> str:
    """Return an address as the viewer may see it."""
    if "@" not in text:
        return numbers.shown(text)
    name, _at, domain = text.rpartition("@")
    return text if can(Permission.SEE_NUMBERS) else f"{name[:1]}•••@{domain}"


FACT = Fact(
    name="messages",
    model=Notification,
    at=Notification.sent_at,
    columns=(
        Column("time", _l("Sent at"), Notification.sent_at, "moment"),
        Column("project", _l("Project"), dimensions.name_of(Project, Notification.project_id)),
        Column(
            "template",
            _l("Template"),
            func.coalesce(
                dimensions.name_of(NotificationTemplate, Notification.template_id),
                Notification.template_raw,
            ),
        ),
        Column("channel", _l("Channel"), Notification.channel, words=CHANNELS),
        Column("recipient", _l("Recipient"), Notification.recipient, text=_recipient),
        Column("status", _l("Status"), Notification.status, words=STATUSES),
        Column("parts", _l("Parts"), Notification.parts, "count"),
    ),
    filters=(
        dimensions.of_projects(Notification.project_id),
        Filter("template", _l("Template"), Notification.template_id, NotificationTemplate),
        Filter("channel", _l("Channel"), Notification.channel, words=CHANNELS),
        Filter("status", _l("Status"), Notification.status, words=STATUSES),
    ),
    source=_l(
        "Messages come from the list of your SMS or e-mail gateway: download it there as CSV and"
        " import it under Import as messages that were sent."
    ),
    masked=True,
)
