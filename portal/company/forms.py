"""The forms of the company's settings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.widgets import HiddenInput

from portal.company.models import Security
from portal.config import LANGUAGES
from portal.forms import Form, line
from portal.languages import zones


class SettingsForm(Form):
    name = line(_l("Name"), needed=True)
    timezone = SelectField(_l("Time zone"), description=_l("For people who chose none."))
    language = SelectField(_l("Language"), choices=LANGUAGES)
    version = IntegerField(widget=HiddenInput(), default=1)

    def offer(self) -> None:
        self.timezone.choices = [(zone, zone.replace("_", " ")) for zone in zones()]

    def values(self) -> dict[str, str]:
        names = ("name", "timezone", "language")
        return {name: self._fields[name].data for name in names}


class SecurityForm(Form):
    """The change of the security type; ``typed`` is the company's name, as confirmation."""

    to = SelectField(choices=[kind.value for kind in Security])
    typed = line(_l("Name of the company"), needed=True)
