"""Dialers call a base of numbers automatically."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind


class Dialer(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "dialers"
    kind = "dialer"


KIND = Kind(
    slug="dialers",
    model=Dialer,
    order=50,
    icon="phone-outgoing",
    label=_l("Dialer"),
    plural=_l("Dialers"),
    add=_l("New dialer"),
    purpose=_l("Dialers call a base of numbers automatically."),
)
