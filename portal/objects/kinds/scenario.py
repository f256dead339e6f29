"""Call scenarios are the flow of a call on an inbound line or a dialer."""

from __future__ import annotations

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.models import ObjectKind


class Scenario(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "scenarios"
    kind = "scenario"
