"""The forms of what is kept of reports."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.filters import show_time
from portal.forms import Form, choice, line
from portal.periods import CUSTOM, PRESETS
from portal.reports.kept.times import EVERY

_RELATIVE = {name: label for name, label in PRESETS.items() if name != CUSTOM}


class SaveForm(Form):
    name = line(_l("Name"), needed=True)


class SubscriptionForm(Form):
    every = choice(_l("How often"), EVERY)
    hour = SelectField(
        _l("At"),
        coerce=int,
        default=7,
        choices=lambda: [(hour, show_time(dt.time(hour))) for hour in range(24)],
    )
    period = choice(_l("Period"), _RELATIVE)
