"""How the tables of a source are read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.calls.evidence import CallSource
from portal.calls.layouts.settings import PREFIX, Settings
from portal.database import MaybeOwned, Ref, utcnow
from portal.extensions import db


class CallLayout(MaybeOwned, db.Model):
    """How the columns of a table of calls are read. Every version is kept: evidence names it."""

    __tablename__ = "call_layouts"
    __table_args__ = (UniqueConstraint("company_id", "source_id", "name_key"),)

    source = Ref(CallSource)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    # All versions, the first first; only ever added to.
    versions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    @property
    def current(self) -> Settings:
        return Settings.of(self.versions[self.version - 1])

    @property
    def kind(self) -> str:
        """What evidence that is read by the current version is kept as."""
        return f"{PREFIX}{self.id.hex}-{self.version}"
