"""The form of a project, and the filters of the tiles."""

from __future__ import annotations

import uuid
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
    """Read what the tiles are restricted to; what is not known is left out."""
    state, order = arguments.get("state", ""), arguments.get("order", "")
    return Filters(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        state=state if state in STATES else STATES[0],
        order=order if order in ORDERS else ORDERS[0],
    )


def identifier(text: str) -> uuid.UUID | None:
    """Return the id that ``text`` is, if it is one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
