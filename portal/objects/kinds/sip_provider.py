"""SIP providers are the carriers that calls pass through."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class SipProvider(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "sip_providers"
    kind = "sip_provider"
