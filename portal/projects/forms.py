"""The form of a project, and what the list of projects is restricted to."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.widgets import HiddenInput

from portal.forms import Form, line, lines
from portal.projects.queries import ORDERS, STATES, Filters


class ProjectForm(Form):
    name = line(_l("Name"), needed=True)
    description = lines(_l("Description"))
    version = IntegerField(widget=HiddenInput(), default=1)


def filters_from(arguments: Any) -> Filters:
    """Read the filters from the address; what is malformed restricts nothing."""
    state, order = arguments.get("state", ""), arguments.get("order", "")
    return Filters(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        state=state if state in STATES else "active",
        order=order if order in ORDERS else "name",
    )
