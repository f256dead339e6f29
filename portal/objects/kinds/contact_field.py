"""Contact fields are the data kept about clients in the CRM."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class ContactField(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "contact_fields"
    kind = "contact_field"
