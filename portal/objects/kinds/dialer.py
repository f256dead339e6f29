"""Dialers call a base of numbers automatically."""

from __future__ import annotations

from portal.database import ProjectOwned
from portal.extensions import db
from portal.objects.models import ObjectKind


class Dialer(ObjectKind, ProjectOwned, db.Model):
    __tablename__ = "dialers"
    kind = "dialer"
