"""CRM forms are the script of the operator's talk with the client."""

from __future__ import annotations

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.models import ObjectKind


class CrmForm(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "crm_forms"
    kind = "form"
