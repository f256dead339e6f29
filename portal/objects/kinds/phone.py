"""IP phones are the phones and softphones that operators work on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class IpPhone(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "ip_phones"
    kind = "phone"


KIND = Kind(
    slug="phones",
    model=IpPhone,
    order=100,
    icon="device-desktop",
    label=_l("IP phone"),
    plural=_l("IP phones"),
    add=_l("New IP phone"),
    purpose=_l("IP phones are the phones and softphones that operators work on."),
)
