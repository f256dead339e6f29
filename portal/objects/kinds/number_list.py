"""Lists are numbers for scenarios, unwanted or VIP numbers."""

from __future__ import annotations

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.models import ObjectKind


class NumberList(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "number_lists"
    kind = "number_list"
