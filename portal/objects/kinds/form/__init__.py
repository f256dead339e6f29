"""CRM forms are the script of the operator's talk with the client."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.objects.kind import Inside, Kind
from portal.objects.kinds.form import uses
from portal.objects.kinds.form.check import check, parts
from portal.objects.kinds.form.content import read
from portal.objects.models import ObjectKind
from portal.objects.versions.content import Versioned
from portal.objects.versions.models import Drafted, Version


class CrmForm(Drafted, ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "crm_forms"
    kind = "form"


class FormVersion(Version, db.Model):
    __tablename__ = "crm_form_versions"
    part_of = "form"

    form = Ref(CrmForm, same_project=True, ondelete="CASCADE", onupdate="CASCADE")


KIND = Kind(
    slug="forms",
    model=CrmForm,
    order=80,
    icon="script",
    label=_l("CRM form"),
    plural=_l("CRM forms"),
    add=_l("New CRM form"),
    purpose=_l("CRM forms are the script of the operator's talk with the client."),
    inside=Inside(
        "questionnaire.show", "form_id", _l("Pages and questions"), Permission.VIEW_OBJECTS
    ),
    versioned=Versioned(model=FormVersion, read=read, check=check, parts=parts, uses=uses.keep),
)
