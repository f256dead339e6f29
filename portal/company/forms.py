"""The forms of the company's settings."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.widgets import HiddenInput

from portal.company.models import SERVICE, SHORT, Security
from portal.config import LANGUAGES
from portal.forms import Form, choice, line
from portal.languages import zones


class SettingsForm(Form):
    name = line(_l("Name"), needed=True)
    timezone = SelectField(_l("Time zone"), description=_l("For people who chose none."))
    language = SelectField(_l("Language"), choices=LANGUAGES)
    service_s = choice(
        _l("Service level"),
        {one: _l("Answered within %(num)d seconds", num=one) for one in SERVICE},
        coerce=int,
        default=SERVICE[1],
    )
    short_abandon_s = choice(
        _l("Short calls"),
        {0: _l("Everybody who left counts as abandoned")}
        | {s: _l("Who left within %(num)d seconds does not count", num=s) for s in SHORT if s},
        coerce=int,
    )
    version = IntegerField(widget=HiddenInput(), default=1)

    def offer(self) -> None:
        self.timezone.choices = [(zone, zone.replace("_", " ")) for zone in zones()]

    def values(self) -> dict[str, Any]:
        names = ("name", "timezone", "language", "service_s", "short_abandon_s")
        return {name: self._fields[name].data for name in names}


class SecurityForm(Form):
    """The change of the security type; ``typed`` is the company's name, as confirmation."""

    to = SelectField(choices=[kind.value for kind in Security])
    typed = line(_l("Name of the company"), needed=True)
