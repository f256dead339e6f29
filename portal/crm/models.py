"""Contacts, their values of contact fields, and their cases.

A contact is in projects; its name and its number are seen in each of them. A value is seen by
those who see both the contact and the field, so what one project knows stays there.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal.database import (
    CompanyScoped,
    ProjectOwned,
    ProjectRow,
    ProjectShared,
    Ref,
    SharedPart,
    search_key,
    utcnow,
)
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField

STATUSES = ("new", "in_progress", "waiting", "done")


class Contact(ProjectShared, db.Model):
    """A client. ``phone_key`` is the number as compared, see :mod:`portal.crm.phones`."""

    __tablename__ = "contacts"
    kind: ClassVar[str] = "contact"
    by_links = True
    one_at_a_time: ClassVar[bool] = True  # what one saw of it is compared, see state_of
    __table_args__ = (
        Index(None, "company_id", "search_key", "id"),
        Index(None, "company_id", "phone_key"),
    )

    name: Mapped[str] = mapped_column(String(150))
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_key: Mapped[str] = mapped_column(String(40), default="", info={"audit": False})
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_by = Ref(User, nullable=True)

    @validates("name")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value


class ContactValue(SharedPart, db.Model):
    """What one contact has in one field, as text: a day as ISO 8601, a choice as it is called."""

    __tablename__ = "contact_values"
    kind: ClassVar[str] = "contact_value"
    parts = ("contact", "field")
    __table_args__ = (
        UniqueConstraint("company_id", "contact_id", "field_id"),
        Index(None, "company_id", "field_id", "search_key"),
    )

    contact = Ref(Contact)
    field = Ref(ContactField)
    value: Mapped[str] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})

    @validates("value")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value


class Case(ProjectOwned, db.Model):
    """One matter of a contact. The contact cannot leave the project while the case is there."""

    __tablename__ = "cases"
    kind: ClassVar[str] = "case"
    __table_args__ = (Index(None, "company_id", "project_id", "status", "id"),)

    contact = Ref(Contact, same_project=True)
    name: Mapped[str] = mapped_column(String(150))
    search_key: Mapped[str] = mapped_column(String(600), default="", info={"audit": False})
    status: Mapped[str] = mapped_column(String(12), default=STATUSES[0])
    owner = Ref(User, nullable=True)
    due: Mapped[dt.date | None]
    notes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_by = Ref(User, nullable=True)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    version: Mapped[int] = mapped_column(default=1)

    @validates("name")
    def _keep_searchable(self, field: str, value: str) -> str:
        self.search_key = search_key(value)
        return value


class CaseCall(CompanyScoped, ProjectRow, db.Model):
    """A call put to a case. Imports make visits anew under the same ids: no foreign key."""

    __tablename__ = "case_calls"
    __audit__ = False  # told as a change of the case
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "project_id", "case_id"],
            ["cases.company_id", "cases.project_id", "cases.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("company_id", "case_id", "visit_id"),
        Index(None, "company_id", "visit_id"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    visit_id: Mapped[uuid.UUID] = mapped_column(Uuid)
