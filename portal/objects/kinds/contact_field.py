"""Contact fields are the data kept about clients in the CRM."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField, TextAreaField, ValidationError

from portal.database import ProjectShared, model_of
from portal.errors import RefusedError
from portal.extensions import db
from portal.forms import SeveralField, at_most, choice, harmless_text, line
from portal.members.models import Role
from portal.members.rights import role_name
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind
from portal.objects.settings import Settings
from portal.wall.scope import unscoped

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


MOST_CHOICES, MOST_CHOICE, MOST_STARS = 100, 100, 2


class ChoicesField(TextAreaField):
    """A list of texts, one a line."""

    def process_data(self, value: list[str] | None) -> None:
        self.data = "\n".join(value or ())

    @property
    def texts(self) -> list[str]:
        lines = (line.strip() for line in (self.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class FieldSettings(Settings):
    sections = {
        _l("What stands in it"): ("type", "choices", "pattern", "required"),
        _l("Where it is seen"): ("show_in_list", "hidden_from", "read_only_for"),
    }

    type = choice(_l("Type"), TYPES)
    choices = ChoicesField(
        _l("Choices"),
        description=_l("For a choice: one a line."),
        validators=[at_most(5000), harmless_text],
    )
    pattern = line(
        _l("Pattern"),
        description=_l("For a text: # is a digit, @ a letter, ? either, * anything."),
    )
    required = BooleanField(_l("Required"))
    show_in_list = BooleanField(_l("Show in lists"))
    hidden_from = SeveralField(_l("Hidden from"))
    read_only_for = SeveralField(_l("Read only for"))

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        super().offer(project_ids, item)
        roles = [(str(role.id), role_name(role)) for role in db.session.scalars(_roles())]
        self.hidden_from.choices = self.read_only_for.choices = roles

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"choices": self.choices.texts}

    @classmethod
    def refuse_change(cls, item: ContactField, values: dict[str, Any]) -> None:
        """Numbers that are masked must not be unmasked by calling them a text."""
        if values.get("type", item.type) == item.type:
            return
        kept: Any = model_of("contact_values")
        having = select(kept.id).where(kept.company_id == item.company_id, kept.field_id == item.id)
        with unscoped("values that only other projects see must not be unmasked either"):
            found = db.session.scalars(having.limit(1)).first()
        if found is not None:
            message = _("Contacts have values of this type. Make another field.")
            raise RefusedError(message, field="type")

    def validate_choices(self, field: ChoicesField) -> None:
        if self.type.data == "choice" and not field.texts:
            raise ValidationError(_("This is needed."))
        too_long = any(len(one) > MOST_CHOICE for one in field.texts)
        if len(field.texts) > MOST_CHOICES or too_long:
            limits = {"count": MOST_CHOICES, "max": MOST_CHOICE}
            raise ValidationError(_("At most %(count)d choices of %(max)d characters.", **limits))

    def validate_pattern(self, field: Any) -> None:
        if (field.data or "").count("*") > MOST_STARS:
            raise ValidationError(_("At most %(count)d stars.", count=MOST_STARS))


def _roles() -> Any:
    return select(Role).order_by(Role.name_key, Role.id)


KIND = Kind(
    slug="contact-fields",
    model=ContactField,
    order=90,
    icon="list-details",
    label=_l("Contact field"),
    plural=_l("Contact fields"),
    add=_l("New contact field"),
    purpose=_l("Contact fields are the data kept about clients in the CRM."),
    settings=FieldSettings,
)
