"""The form of a project, and the filters of the tiles."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from portal.forms import Form, WholeField, line, lines
from portal.projects.models import TARGETS
from portal.projects.queries import ORDERS, STATES, Filters


def target(label: Any, most: int = 100) -> IntegerField:
    """Make a field for a whole number; empty, there is no target."""
    message = _l("A whole number from %(min)d to %(max)d.")
    return WholeField(label, validators=[Optional(), NumberRange(1, most, message)])


class ProjectForm(Form):
    name = line(_l("Name"), needed=True)
    description = lines(_l("Description"))
    target_service_level = target(_l("Service level, at least (%)"))
    target_abandonment = target(_l("Abandonment, at most (%)"))
    target_aht_s = target(_l("AHT, at most (s)"), most=36_000)
    target_occupancy = target(_l("Occupancy, at least (%)"))
    version = IntegerField(widget=HiddenInput(), default=1)

    @property
    def targets(self) -> dict[str, int | None]:
        return {name: self._fields[name].data for name in TARGETS}


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
