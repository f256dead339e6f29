"""Lists hold numbers for scenarios, unwanted or VIP numbers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Inside, Kind
from portal.objects.models import ObjectKind


class NumberList(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "number_lists"
    kind = "number_list"


KIND = Kind(
    slug="lists",
    model=NumberList,
    order=60,
    icon="list",
    label=_l("List"),
    plural=_l("Lists"),
    add=_l("New list"),
    purpose=_l("Lists hold numbers for scenarios, unwanted or VIP numbers."),
    inside=Inside("numbers.index", "list_id", _l("Numbers"), Permission.SEE_NUMBERS),
)
