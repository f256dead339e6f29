"""The numbers of a dialer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.database import ProjectOwned, Ref, search_key, utcnow
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer

STATES = ("waiting", "reached", "wrong", "excluded", "done")


class DialerNumber(ProjectOwned, db.Model):
    """One number of a dialer, as E.164; a part of the dialer, that moves and goes with it.

    'waiting' until a talk has 'reached' somebody, the number proved 'wrong', or it is 'done' after
    its last attempt; 'excluded' numbers stood in a list that the dialer excludes, and are not
    dialled.
    """

    __tablename__ = "dialer_numbers"
    __audit__ = False  # there are many: one entry tells what was done to the base
    part_of: ClassVar[str] = "dialer"
    __table_args__ = (
        UniqueConstraint("company_id", "dialer_id", "number"),
        Index(None, "company_id", "dialer_id", "state"),
    )

    dialer = Ref(Dialer, same_project=True, ondelete="CASCADE")
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    # Name and note as searched.
    search_key: Mapped[str] = mapped_column(String(600), default="")
    state: Mapped[str] = mapped_column(String(10), default=STATES[0])
    attempts: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    # The import that named it last: a file that names it again repeats itself.
    named_by: Mapped[uuid.UUID | None]

    @validates("name", "note")
    def _keep_searchable(self, field: str, value: str) -> str:
        texts = {"name": self.name, "note": self.note, field: value}
        self.search_key = search_key(*texts.values())
        return value
