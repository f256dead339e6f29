"""SIP providers are the carriers that calls pass through."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class SipProvider(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "sip_providers"
    kind = "sip_provider"


KIND = Kind(
    slug="sip-providers",
    model=SipProvider,
    order=30,
    icon="link",
    label=_l("SIP provider"),
    plural=_l("SIP providers"),
    add=_l("New SIP provider"),
    purpose=_l("SIP providers are the carriers that calls pass through."),
)
