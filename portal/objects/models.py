"""What every kind of object has: a name, notes, a state, and who made and changed it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.database import CompanyScoped, ProjectOwned, Ref, search_key, utcnow
from portal.members.models import User


class ObjectKind(CompanyScoped):
    """The common columns of the ten kinds; each kind adds its own and says how it is walled."""

    kind: ClassVar[str]

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    # The name as searched and sorted; follows it by itself.
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    notes: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_by = Ref(User, nullable=True)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    changed_by = Ref(User, nullable=True)
    version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def _wall_constraints(cls) -> list[object]:
        # A name is unique among what one may see together: in a project for owned kinds. For
        # shared kinds the operation checks it; a constraint would betray other projects' names.
        owned = issubclass(cls, ProjectOwned)
        unique = [UniqueConstraint("company_id", "project_id", "name_key")] if owned else []
        indexes = [
            Index(None, "company_id", "name_key"),
            Index(None, "company_id", "search_key", "id"),
        ]
        return [*super()._wall_constraints(), *unique, *indexes]

    @validates("name")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value
