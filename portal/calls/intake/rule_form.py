"""The form of a rule."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectField, ValidationError
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from portal.calls import patterns
from portal.calls.evidence import CallRule
from portal.calls.intake import names
from portal.calls.intake.rules import Settings, target_of
from portal.calls.stamping import EVERYTHING
from portal.forms import Form, required
from portal.objects.fields import ReadField

_EARLIEST, _LATEST = dt.date(1970, 1, 2), dt.date(2199, 12, 31)


class RuleForm(Form):
    pattern = ReadField(
        _l("Names"),
        patterns.read,
        patterns.LENGTH,
        description=_l("Like 70xx, 7000-7099, sales-* or one name."),
    )
    valid_from = DateField(_l("Valid from"), validators=[Optional()])
    valid_until = DateField(_l("Valid until"), validators=[Optional()])
    target = SelectField(_l("Meaning"), validators=[required()])
    version = IntegerField(widget=HiddenInput(), default=1)

    def offer(self, kind: str, offered: names.Choices, rule: CallRule | None) -> None:
        """Offer what names of a kind may mean."""
        self._offered = offered
        self._now = target_of(rule) if rule else None
        choices: dict[str, list[tuple[str, Any]]] = {
            "": [("", _("Choose…")), (names.IGNORED, _("Ignore"))]
        }
        for group, options in offered.groups.items():
            title = _("Projects") if group == "*" else group
            choices.setdefault(title, []).extend(options)
        self.target.choices = choices
        if kind == "source":
            del self.pattern
        if rule and not self.is_submitted():
            self.target.data = ":".join(map(str, self._now)) if self._now else names.IGNORED

    def validate_pattern(self, field: Any) -> None:
        if not field.data and not field.errors:
            raise ValidationError(_("This is needed."))

    def validate_valid_from(self, field: Any) -> None:
        if field.data and not _EARLIEST <= field.data <= _LATEST:
            raise ValidationError(_("This is not a date."))

    def validate_valid_until(self, field: Any) -> None:
        self.validate_valid_from(field)
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(_("The last day is before the first one."))

    def settings(self) -> Settings:
        return Settings(
            pattern=self.pattern.data if "pattern" in self else EVERYTHING,
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            target=self._offered.targets.get(self.target.data),
        )
