"""The trail's tables: entries that nobody changes, and the head of each company's chain."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import CompanyRow, MaybeOwned
from portal.extensions import db


class AuditEntry(MaybeOwned, db.Model):
    """One thing that somebody did, as far as the viewers of ONE project may know it.

    A change that touches several projects is several entries with one ``change_id``, which all
    entries of a transaction share. Entries without a project are the company's. ``before`` and
    ``after``: field → value, a list of names for memberships; see :mod:`portal.audit.values`.
    ``search`` is the entry as it is searched. Each entry's hash covers the hash before it.
    """

    __tablename__ = "audit_entries"
    __audit__ = False
    __table_args__ = (
        UniqueConstraint("company_id", "seq"),
        Index(None, "company_id", "project_id", "seq"),
        Index(None, "company_id", "at"),
    )

    seq: Mapped[int]
    at: Mapped[dt.datetime]
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(String(100))
    on_behalf_of: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[uuid.UUID | None]
    object_name: Mapped[str] = mapped_column(String(300))
    change_id: Mapped[uuid.UUID]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    search: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(CompanyRow, db.Model):
    """The last entry of a company's chain; locked while entries are added behind it."""

    __tablename__ = "audit_heads"
    __audit__ = False

    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
