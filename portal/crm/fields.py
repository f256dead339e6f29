"""Which contact fields the viewer sees, which they may fill in, and what stands in them.

A field is seen by who is in one of its projects, unless it is hidden from their role.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.log import numbers
from portal.crm import phones
from portal.errors import RefusedError
from portal.extensions import db
from portal.filters import show_date, show_number
from portal.forms import is_email
from portal.objects.kinds.contact_field import ContactField

MOST_TEXT = 500
# How many columns of fields a list has at most.
MOST_COLUMNS = 5
_PATTERN = {"#": "[0-9]", "@": r"[^\W\d_]", "?": r"[^\W_]", "*": ".*"}


def seen(project_ids: Collection[uuid.UUID] | None = None) -> list[ContactField]:
    """Return the fields that the viewer sees, or those of them that are in some projects."""
    query = (
        select(ContactField)
        .where(ContactField.active)
        .order_by(ContactField.search_key, ContactField.id)
    )
    if project_ids is not None:
        link = ContactField.Link
        inside = select(link.object_id).where(link.project_id.in_(project_ids))
        query = query.where(ContactField.id.in_(inside))
    return [field for field in db.session.scalars(query) if not _named(field.hidden_from)]


def editable(field: ContactField) -> bool:
    """Tell whether the viewer's role may fill in a field that they see."""
    closed = [*(field.hidden_from or ()), *(field.read_only_for or ())]
    masked = field.type == "phone" and not can(Permission.SEE_NUMBERS)
    return field.active and not _named(closed) and not masked


def hidden(field: ContactField) -> bool:
    """Tell whether a field of the viewer's projects is hidden from their role."""
    return _named(field.hidden_from or [])


def searchable(field: ContactField | Column) -> bool:
    """Numbers that are masked must not be found bit by bit."""
    return field.type != "phone" or can(Permission.SEE_NUMBERS)


@dataclass(frozen=True)
class Column:
    """A field as a list shows it; an export goes on with it after its request."""

    id: uuid.UUID
    name: str
    type: str
    choices: tuple[str, ...]


def columns(project_id: uuid.UUID | None) -> list[Column]:
    """Return the fields that a list shows: those of the chosen project, or of all."""
    found = seen(None if project_id is None else [project_id])
    listed = [field for field in found if field.show_in_list][:MOST_COLUMNS]
    return [Column(one.id, one.name, one.type, tuple(one.choices)) for one in listed]


def _named(roles: list[str]) -> bool:
    return bool(roles) and str(g.identity.role_id) in roles


def shown(field: ContactField | Column, value: str | None) -> str:
    """Return a value as text in the viewer's language; numbers masked as their role needs it."""
    if not value:
        return ""
    match field.type:
        case "phone":
            return numbers.shown(value)
        case "yes_no":
            return _("Yes") if value == "yes" else _("No")
        case "date":
            return show_date(dt.date.fromisoformat(value)) if _is_day(value) else value
        case "number":
            return show_number(float(value)) if _is_decimal(value) else value
    return value


def read(field: ContactField, text: str) -> str:
    """Return what was typed as it is kept, or refuse it."""
    text = text.strip()
    if not text:
        if field.required:
            raise RefusedError(_("This is needed."))
        return ""
    return _READERS.get(field.type, _text)(field, text)


def _text(field: ContactField, text: str) -> str:
    if field.pattern and not matches(field.pattern, text):
        raise RefusedError(_("This must look like %(pattern)s.", pattern=field.pattern))
    return text


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text looks like a pattern; no pattern takes long to compare."""
    expression = "".join(_PATTERN.get(sign) or re.escape(sign) for sign in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _number(field: ContactField, text: str) -> str:
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,3})?", plain):
        raise RefusedError(_("This is not a number."))
    return format(Decimal(plain).normalize(), "f")


def _date(field: ContactField, text: str) -> str:
    if not _is_day(text):
        raise RefusedError(_("This is not a date."))
    return text


def _choice(field: ContactField, text: str) -> str:
    if text not in field.choices:
        raise RefusedError(_("Choose one of those offered."))
    return text


def _yes_no(field: ContactField, text: str) -> str:
    if text not in ("yes", "no"):
        raise RefusedError(_("Choose one of those offered."))
    return text


def _phone(field: ContactField, text: str) -> str:
    if not phones.is_number(text):
        raise RefusedError(_("This is not a phone number."))
    return phones.compared(text)


def _email(field: ContactField, text: str) -> str:
    if not is_email(text):
        raise RefusedError(_("This is not an e-mail address."))
    return text


def _link(field: ContactField, text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text:
        raise RefusedError(_("A link begins with https:// or http://."))
    return text


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and dt.date.fromisoformat(text).year >= 1900
    except ValueError:
        return False


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


_READERS = {
    "number": _number,
    "date": _date,
    "choice": _choice,
    "phone": _phone,
    "email": _email,
    "yes_no": _yes_no,
    "link": _link,
}
