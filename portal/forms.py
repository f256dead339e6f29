"""What all forms share: cleaning of text, checks of its shape, refusals shown at the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, NumberRange
from wtforms.widgets import Select

from portal.database import name_key
from portal.errors import RefusedError
from portal.options import Options

# Bidirectional overrides and isolates: they make a text look like another one.
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def clean(text: Any) -> Any:
    """Return ``text`` without surrounding blanks, in the composed form (NFC)."""
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else text


def harmless(form: FlaskForm, field: Field) -> None:
    """Refuse control characters, lone surrogates and direction overrides in a line of text."""
    refuse_characters(field.data, allowed="")


def harmless_text(form: FlaskForm, field: Field) -> None:
    """The same for a text of several lines."""
    refuse_characters(field.data, allowed="\n\r\t")


def refuse_characters(text: str | None, allowed: str) -> None:
    for character in text or "":
        if character in allowed:
            continue
        if character in _DIRECTION or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise ValidationError(_("This text contains characters that cannot be shown safely."))


# Shape only: whether an address works shows when the mail arrives.
_EMAIL = re.compile(r"[^\s@,;<>\"()\[\]\\]+@[^\s@,;<>\"()\[\]\\]+\.[^\s@.,;<>\"()\[\]\\]+")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def email_shaped(form: FlaskForm, field: Field) -> None:
    if field.data and not is_email(field.data):
        raise ValidationError(_("This is not an e-mail address."))


def required() -> DataRequired:
    return DataRequired(_l("This is needed."))


def at_most(length: int) -> Length:
    return Length(max=length, message=_l("At most %(max)d characters."))


def compact(limit: int) -> Any:
    """Refuse a text whose composed form is far longer than it: some letters unfold to eighteen."""

    def check(form: FlaskForm, field: Field) -> None:
        if len(name_key(field.data or "")) > 2 * limit:
            raise ValidationError(_("At most %(max)d characters.", max=limit))

    return check


def line(label: Any, *, limit: int = 100, needed: bool = False, **options: Any) -> StringField:
    """Make a field for one line of text."""
    checks = [*([required()] if needed else []), at_most(limit), compact(limit), harmless]
    return StringField(label, validators=checks, filters=[clean], **options)


def lines(label: Any, *, limit: int = 2000, **options: Any) -> TextAreaField:
    """Make a field for a text of several lines."""
    return TextAreaField(
        label, validators=[at_most(limit), harmless_text], filters=[clean], **options
    )


class WholeField(IntegerField):
    """A whole number of at most 18 digits: longer ones fit no column, and no check."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0].strip()) > 18:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)


def number(label: Any, *, least: int, most: int, **options: Any) -> IntegerField:
    """Make a field for a whole number; where a form does not send it, it stays as it is."""
    message = _l("A whole number from %(min)d to %(max)d.")
    return WholeField(label, validators=[NumberRange(least, most, message)], **options)


def choice(label: Any, choices: Mapping[Any, Any], **options: Any) -> SelectField:
    """Make a field for one of ``choices``: value → what it is called."""
    options.setdefault("default", next(iter(choices), None))
    return SelectField(label, choices=lambda: list(choices.items()), **options)


class SeveralField(SelectMultipleField):
    """Boxes to tick. What is not offered is refused without being named."""

    def pre_validate(self, form: Any) -> None:
        offered = {choice.value for choice in self.iter_choices()}
        if not offered.issuperset(self.data or ()):
            raise ValidationError(_("Some of these are no longer here."))


class Form(FlaskForm):
    """The form of every page that changes something."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            field = super().bind_field(form, unbound_field, options)
            if type(field.widget) is Select:
                field.widget = Options(multiple=field.widget.multiple)
            return field

    def refuse(self, error: RefusedError) -> None:
        """Show a refusal at the field it names, or above the form."""
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]
