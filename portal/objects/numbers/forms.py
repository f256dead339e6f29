"""The form for numbers that are typed or pasted."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import Optional, ValidationError

from portal.database import utcnow
from portal.forms import Form, line, lines
from portal.objects.numbers.normal import region_of, regions


def countries() -> list[tuple[str, str]]:
    """Return all countries by their names in the language of the page."""
    names: Any = get_locale().territories
    return sorted(((code, names.get(code, code)) for code in regions()), key=lambda one: one[1])


_LATEST = dt.date(2199, 12, 31)


def today() -> dt.date:
    """Return the day it is for the company: on the day after its last one a number expires."""
    return utcnow().astimezone(ZoneInfo(g.identity.company.timezone)).date()


class NumbersForm(Form):
    numbers = lines(_l("Numbers"), limit=60_000, description=_l("One a line."))
    country = SelectField(
        _l("Country"), description=_l("Of numbers that begin without a country code.")
    )
    label = line(_l("Label"))
    expires_on = DateField(
        _l("Expires on"),
        validators=[Optional()],
        description=_l("The last day on which they count. Empty: for good."),
    )

    def validate_expires_on(self, field: DateField) -> None:
        if field.data and not today() <= field.data <= _LATEST:
            raise ValidationError(_l("Choose today or a later day."))

    def offer(self) -> None:
        self.country.choices = countries()
        if not self.is_submitted():
            self.country.data = region_of(g.identity.company.timezone)
