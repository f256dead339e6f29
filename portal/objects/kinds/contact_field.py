"""Contact fields are the data kept about clients in the CRM."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import ProjectShared
from portal.extensions import db
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind

TYPES = {
    "text": _l("Text"),
    "number": _l("Number"),
    "date": _l("Date"),
    "choice": _l("Choice"),
    "phone": _l("Phone number"),
    "email": _l("E-mail"),
    "yes_no": _l("Yes or no"),
    "link": _l("Link"),
}


class ContactField(ObjectKind, ProjectShared, db.Model):
    """``hidden_from`` and ``read_only_for`` are ids of roles, as texts.

    ``pattern``: what a text must look like: # a digit, @ a letter, ? either, * anything; all else
    stands for itself.
    """

    __tablename__ = "contact_fields"
    kind = "contact_field"

    type: Mapped[str] = mapped_column(String(10), default="text")
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    pattern: Mapped[str] = mapped_column(String(100), default="")
    required: Mapped[bool] = mapped_column(default=False)
    show_in_list: Mapped[bool] = mapped_column(default=False)
    hidden_from: Mapped[list[str]] = mapped_column(JSON, default=list)
    read_only_for: Mapped[list[str]] = mapped_column(JSON, default=list)


KIND = Kind(
    slug="contact-fields",
    model=ContactField,
    order=90,
    icon="list-details",
    label=_l("Contact field"),
    plural=_l("Contact fields"),
    add=_l("New contact field"),
    purpose=_l("Contact fields are the data kept about clients in the CRM."),
)
