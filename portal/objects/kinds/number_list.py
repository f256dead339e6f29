"""Lists hold numbers for scenarios, unwanted or VIP numbers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.permissions import Permission
from portal.database import ProjectShared
from portal.extensions import db
from portal.forms import choice
from portal.objects.kind import Inside, Kind
from portal.objects.models import ObjectKind
from portal.objects.settings import Settings

PURPOSES = {
    "custom": _l("Own use"),
    "unwanted": _l("Unwanted numbers"),
    "vip": _l("VIP numbers"),
}


class NumberList(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "number_lists"
    kind = "number_list"

    purpose: Mapped[str] = mapped_column(String(8), default="custom")


class ListSettings(Settings):
    sections = {_l("List"): ("purpose",)}

    purpose = choice(_l("Purpose"), PURPOSES)


KIND = Kind(
    slug="lists",
    model=NumberList,
    order=60,
    icon="list",
    label=_l("List"),
    plural=_l("Lists"),
    add=_l("New list"),
    purpose=_l("Lists hold numbers for scenarios, unwanted or VIP numbers."),
    settings=ListSettings,
    inside=Inside("numbers.index", "list_id", _l("Numbers"), Permission.SEE_NUMBERS),
)
