"""Dialers call a base of numbers automatically."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.permissions import Permission
from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.kind import Inside, Kind
from portal.objects.models import ObjectKind


class Dialer(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "dialers"
    kind = "dialer"

    # Rows of its imports that were no numbers, and that named one that was there already.
    base_wrong: Mapped[int] = mapped_column(default=0, info={"audit": False})
    base_duplicate: Mapped[int] = mapped_column(default=0, info={"audit": False})


KIND = Kind(
    slug="dialers",
    model=Dialer,
    order=50,
    icon="phone-outgoing",
    label=_l("Dialer"),
    plural=_l("Dialers"),
    add=_l("New dialer"),
    purpose=_l("Dialers call a base of numbers automatically."),
    inside=Inside("base.index", "dialer_id", _l("Numbers"), Permission.SEE_NUMBERS),
)
