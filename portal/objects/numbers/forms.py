"""The form for numbers that are typed or pasted."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.forms import Form, lines
from portal.objects.numbers.normal import region_of, regions


def countries() -> list[tuple[str, str]]:
    """Return all countries by their names in the language of the page."""
    names: Any = get_locale().territories
    return sorted(((code, names.get(code, code)) for code in regions()), key=lambda one: one[1])


class NumbersForm(Form):
    numbers = lines(_l("Numbers"), limit=60_000, description=_l("One a line."))
    country = SelectField(
        _l("Country"), description=_l("Of numbers that begin without a country code.")
    )

    def offer(self) -> None:
        self.country.choices = countries()
        if not self.is_submitted():
            self.country.data = region_of(g.identity.company.timezone)
