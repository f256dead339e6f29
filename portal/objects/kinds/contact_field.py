"""Contact fields are the data kept about clients in the CRM."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class ContactField(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "contact_fields"
    kind = "contact_field"


KIND = Kind(
    slug="contact-fields",
    model=ContactField,
    order=90,
    icon="list-details",
    label=_l("Contact field"),
    plural=_l("Contact fields"),
    add=_l("New contact field"),
    purpose=_l("Contact fields are the data kept about clients in the CRM."),
)
