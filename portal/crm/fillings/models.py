"""A form as somebody filled it in, and its answers. It keeps to the version it was begun with."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.crm.models import Case, Contact
from portal.database import CompanyScoped, ProjectOwned, ProjectRow, Ref, utcnow
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.form import FormVersion

DRAFT, COMPLETE = "draft", "complete"


class FormFilling(ProjectOwned, db.Model):
    """One form about a contact, a case or a call; these two may name the contact as well.

    Imports make visits anew under the same ids: no foreign key for them.
    """

    __tablename__ = "form_fillings"
    __audit__ = False  # told by what was done: begun, filled in, deleted
    kind: ClassVar[str] = "filling"
    __table_args__ = (Index(None, "company_id", "visit_id"),)

    form_version = Ref(FormVersion, same_project=True)
    contact = Ref(Contact, nullable=True, same_project=True)
    case = Ref(Case, nullable=True, same_project=True)
    visit_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(8), default=DRAFT)
    filled_by = Ref(User, nullable=True)
    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    completed_at: Mapped[dt.datetime | None]
    # Counts the changes; who is about to make one holds the row until then.
    version: Mapped[int] = mapped_column(default=1)


class FormAnswer(CompanyScoped, ProjectRow, db.Model):
    """One answer to one question; several choices are several rows. ``question`` is its id.

    ``counted``: the answer where it is one of those known beforehand, for quotas.
    """

    __tablename__ = "form_answers"
    __audit__ = False  # they are the contents of the filling
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "project_id", "filling_id"],
            ["form_fillings.company_id", "form_fillings.project_id", "form_fillings.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("company_id", "filling_id", "question", "place"),
        Index(None, "company_id", "question", "counted"),
    )

    filling_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    question: Mapped[str] = mapped_column(String(12))
    place: Mapped[int] = mapped_column(default=0)
    value: Mapped[str] = mapped_column(Text)
    counted: Mapped[str] = mapped_column(String(200), default="")
