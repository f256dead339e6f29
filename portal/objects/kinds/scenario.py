"""Call scenarios are the flow of a call on an inbound line or a dialer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class Scenario(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "scenarios"
    kind = "scenario"


KIND = Kind(
    slug="scenarios",
    model=Scenario,
    order=40,
    icon="route",
    label=_l("Call scenario"),
    plural=_l("Call scenarios"),
    add=_l("New call scenario"),
    purpose=_l("Call scenarios are the flow of a call on an inbound line or a dialer."),
)
