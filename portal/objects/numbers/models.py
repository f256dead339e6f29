"""The numbers of a list."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.database import Ref, SharedPart, search_key, utcnow
from portal.extensions import db
from portal.objects.kinds.number_list import NumberList


class NumberListEntry(SharedPart, db.Model):
    """One number of a list, as E.164: seen where the list is seen."""

    __tablename__ = "number_list_entries"
    __audit__ = False  # there are many: one entry tells what was done to the list
    __table_args__ = (
        UniqueConstraint("company_id", "list_id", "number"),
        Index(None, "company_id", "number"),
    )
    parts: ClassVar[tuple[str, ...]] = ("list",)

    list: Mapped[NumberList] = Ref(NumberList, ondelete="CASCADE")  # type: ignore[assignment]  # Ref makes the relationship
    number: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100), default="")
    # The label as searched.
    search_key: Mapped[str] = mapped_column(String(600), default="")
    # The last day on which it counts; none: for good.
    expires_on: Mapped[dt.date | None] = mapped_column(Date)
    added_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    # The import that named it last: a file that names it again repeats itself.
    named_by: Mapped[uuid.UUID | None]

    @validates("label")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value
