"""CRM forms are the script of the operator's talk with the client."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class CrmForm(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "crm_forms"
    kind = "form"


KIND = Kind(
    slug="forms",
    model=CrmForm,
    order=80,
    icon="script",
    label=_l("CRM form"),
    plural=_l("CRM forms"),
    add=_l("New CRM form"),
    purpose=_l("CRM forms are the script of the operator's talk with the client."),
)
