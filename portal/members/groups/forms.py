"""The form of a group."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.widgets import HiddenInput

from portal.forms import Form, line, lines


class GroupForm(Form):
    name = line(_l("Name"), needed=True)
    description = lines(_l("Description"), limit=500)
    version = IntegerField(widget=HiddenInput(), default=1)
