"""IP phones are the phones and softphones that operators work on."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class IpPhone(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "ip_phones"
    kind = "phone"
