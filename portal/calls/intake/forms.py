"""The forms of the intake."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, IntegerField, SelectField, ValidationError
from wtforms.widgets import HiddenInput

from portal.calls.evidence import CallSource
from portal.calls.following import paths
from portal.calls.intake import names, words
from portal.calls.intake.operations import Wish
from portal.digits import whole
from portal.errors import RefusedError
from portal.forms import Form, choice, line, number
from portal.languages import zones
from portal.objects.fields import FaultError, LinesField, SecretField

MOST_NAMES = 200


class SourceForm(Form):
    name = line(_l("Name"), needed=True, description=_l("Of the telephone system, as you call it."))
    timezone = SelectField(
        _l("Time zone"), description=_l("The clock of the telephone system: its files do not say.")
    )
    version = IntegerField(widget=HiddenInput(), default=1)

    def offer(self, default: str) -> None:
        self.timezone.choices = [(zone, zone.replace("_", " ")) for zone in zones()]
        if not self.is_submitted() and not self.timezone.data:
            self.timezone.data = default


class ConnectionForm(Form):
    system = choice(_l("Telephone system"), words.SYSTEMS)
    paths = LinesField(
        _l("Files and folders to follow"),
        paths.read_path,
        description=_l(
            "One a line, as the machine of the worker names them: logs, which are read while they"
            " grow and after they are rotated, and folders into which documents are put."
        ),
    )
    database_secret = SecretField(
        _l("Database to read"),
        limit=500,
        description=_l(
            "Like mysql://reader:password@pbx/asteriskcdrdb or postgresql://…; use a person of the"
            " database who may only read. It is never shown again. Empty: it stays as it is."
        ),
    )
    forget_database = BooleanField(_l("Read no database any more"))
    overlap_s = number(
        _l("Look back, in seconds"),
        least=60,
        most=7 * 86_400,
        default=3600,
        description=_l("Rows are written when a call ends: so far back each look reads again."),
    )
    keep_days = number(
        _l("Keep raw lines, in days"),
        least=0,
        most=36_500,
        default=0,
        description=_l("0: for ever. Calls stay; only what they were read from goes."),
    )
    version = IntegerField(widget=HiddenInput(), default=1)

    def show(self) -> None:
        """Let what is kept for ever stand as 0."""
        self.keep_days.data = self.keep_days.data or 0

    def values(self) -> dict[str, Any]:
        """Return the columns of the source that were chosen; a secret only if it changes."""
        chosen = {"system": self.system.data, "paths": self.paths.data}
        chosen |= {"overlap_s": self.overlap_s.data, "keep_days": self.keep_days.data or None}
        if self.forget_database.data:
            return chosen | {"database_secret": None}
        if self.database_secret.data:
            return chosen | {"database_secret": self.database_secret.sealed()}
        return chosen

    def validate_database_secret(self, field: Any) -> None:
        if field.data:
            try:
                paths.check_address(field.data)
            except FaultError as error:
                raise ValidationError(str(error)) from None

    def validate_forget_database(self, field: Any) -> None:
        if field.data and self.database_secret.data:
            raise ValidationError(_("Either type a new address or let it be forgotten."))


class UploadForm(Form):
    files = MultipleFileField(_l("Files"))

    def received(self) -> list[tuple[str, Any]]:
        return [(file.filename or "", file.stream) for file in self.files.data or [] if file]


def name_filters(arguments: Any, kinds: tuple[str, ...], unmapped: dict[str, int]) -> names.Filters:
    """Read from the address which names are shown; at first the first kind with some to do."""
    kind = arguments.get("kind", "")
    return names.Filters(
        kind=kind if kind in kinds else next((one for one in kinds if unmapped.get(one)), kinds[0]),
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        unmapped=arguments.get("unmapped") == "yes",
        suggest=arguments.get("suggest") == "yes",
        after=arguments.get("after", "").replace("\0", "")[:200],
    )


class NamesForm:
    """The meanings chosen on a page of names: a field for each of them.

    ``means-ID`` is what is chosen, ``was-ID`` version and choice when the page was shown.
    ``errors`` and ``picked`` go by the id of the name.
    """

    def __init__(self, posted: Any, source: CallSource, offered: names.Choices) -> None:
        self.errors: dict[uuid.UUID, str] = {}
        self.picked: dict[uuid.UUID, str] = {}
        self.wishes: list[Wish] = []
        self._read(posted, source, offered)

    def _read(self, posted: Any, source: CallSource, offered: names.Choices) -> None:
        for field, key in posted.items():
            if field.startswith("means-"):
                self.picked[_identifier(field.removeprefix("means-"))] = key
        if len(self.picked) > MOST_NAMES:
            raise RefusedError(_("Too many names at once."))
        found = names.by_id(source, list(self.picked))
        for identifier, key in self.picked.items():
            was_version, _colon, was = posted.get(f"was-{identifier}", "").partition(":")
            if key == was:
                continue
            if identifier not in found:
                raise RefusedError(_("Some of these are no longer here."))
            if key not in ("", names.IGNORED) and key not in offered.targets:
                self.errors[identifier] = _("This is no longer here. Choose again.")
                continue
            version = whole(was_version, 15) or 0
            target, ignored = offered.targets.get(key), key == names.IGNORED
            self.wishes.append(Wish(found[identifier], version, target, ignored))


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise RefusedError(_("Some of these are no longer here.")) from None
