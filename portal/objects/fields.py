"""Fields of settings that are more than a value: lines of a notation, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import StopValidation

from portal import sealing
from portal.forms import at_most, harmless, harmless_text

MOST_LINES = 500
MOST_CHARACTERS = 20_000
MOST_FAULTS = 5


class FaultError(ValueError):
    """A line, or a part of one, that cannot be read; the message says to people why."""


class LinesField(TextAreaField):
    """One entry a line, kept as text in its plain notation. Faults are told with their line.

    ``read`` makes a line an entry, whose text is the line as it is kept; entries of one ``key``
    exclude each other.
    """

    data: Any
    errors: Any

    def __init__(self, label: Any, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(label, **options)
        self.read = read

    def pre_validate(self, form: Any) -> None:
        self.data = (self.data or "").rstrip()
        if len(self.data) > MOST_CHARACTERS:
            raise StopValidation(_("At most %(max)d characters.", max=MOST_CHARACTERS))
        harmless_text(form, self)
        lines = [line.strip() for line in self.data.replace("\r\n", "\n").split("\n")]
        if len(lines) > MOST_LINES:
            raise StopValidation(_("At most %(max)d lines.", max=MOST_LINES))
        entries, faults = self._entries(lines)
        if faults:
            *others, last = faults[:MOST_FAULTS]
            self.errors = [*self.errors, *others]
            raise StopValidation(last)
        self.data = "\n".join(entries)

    def _entries(self, lines: list[str]) -> tuple[list[str], list[str]]:
        entries: list[str] = []
        faults: list[str] = []
        known: dict[Any, int] = {}
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entry = self.read(line)
                for key in getattr(entry, "keys", (entry,)):
                    if known.setdefault(key, number) != number:
                        raise FaultError(_("The same is in line %(line)d.", line=known[key]))
                entries.append(str(entry))
            except FaultError as error:
                faults.append(_("Line %(line)d: %(fault)s", line=number, fault=error))
        return entries, faults


def entries(text: str, read: Callable[[str], Any]) -> list[Any]:
    """Return the entries of a text as :class:`LinesField` has kept it."""
    return [read(line) for line in text.split("\n") if line]


class ReadField(StringField):
    """A line in a notation of its own: ``read`` returns it as it is kept, or says what is wrong."""

    data: Any

    def __init__(self, label: Any, read: Callable[[str], str], limit: int = 200, **options: Any):
        super().__init__(label, validators=[at_most(limit)], **options)
        self.read, self.limit = read, limit

    def pre_validate(self, form: Any) -> None:
        self.data = (self.data or "").strip()
        harmless(form, self)
        if self.data and len(self.data) <= self.limit:
            try:
                self.data = self.read(self.data)
            except FaultError as error:
                raise StopValidation(str(error)) from error


def read_caller_id(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{2,20}", text, re.ASCII):
        raise FaultError(_("Digits only, with + before a country's code."))
    return text


class SecretField(PasswordField):
    """A secret that is stored sealed: it can be typed, and is never shown again.

    Left empty it stays what it was; ``is_set`` tells whether there is one.
    """

    data: Any

    def __init__(self, label: Any, limit: int = 200, **options: Any) -> None:
        super().__init__(label, validators=[at_most(limit), harmless], **options)
        self.is_set = False

    def process_data(self, value: Any) -> None:
        self.is_set = value is not None
        self.data = None

    def sealed(self) -> bytes:
        return sealing.sealed(self.data or "")
