"""Which contact fields a form needs in its project: of its draft, and of what was published last.

Held as rows, so that the database keeps a field in the project as long as a form writes to it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint, select

from portal.database import ProjectOwned, Ref
from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form.content import Form


class FormField(ProjectOwned, db.Model):
    """A form writes to a contact field; both are in the same project."""

    __tablename__ = "crm_form_fields"
    __audit__ = False  # part of the draft
    __table_args__ = (UniqueConstraint("company_id", "form_id", "field_id"),)
    part_of: ClassVar[str] = "form"

    form = Ref("crm_forms", same_project=True, ondelete="CASCADE", onupdate="CASCADE")
    field = Ref(ContactField, same_project=True)


def keep(item: Any, contents: Iterable[Form]) -> None:
    """Note the fields of ``contents`` for the form ``item``: those that its project has now."""
    named = {
        uuid.UUID(question.field)
        for content in contents
        for _page, question in content.questions()
        if question.field
    }
    link = ContactField.Link
    inside = select(link.object_id).where(
        link.project_id == item.project_id, link.object_id.in_(named)
    )
    wanted = set(db.session.scalars(inside))
    rows = db.session.scalars(select(FormField).where(FormField.form_id == item.id))
    known = {row.field_id: row for row in rows}
    for field_id, row in known.items():
        if field_id not in wanted:
            db.session.delete(row)
    for field_id in sorted(wanted - known.keys()):
        key = {"company_id": item.company_id, "project_id": item.project_id}
        db.session.add(FormField(**key, form_id=item.id, field_id=field_id))
    db.session.flush()
