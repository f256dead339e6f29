"""What the filters of the call log choose from."""

from __future__ import annotations

from typing import Any

from portal import choices
from portal.calls.log.filters import Filters
from portal.choices import Option
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project

_MODELS: dict[str, Any] = {"project": Project, "queue": Queue, "dialer": Dialer, "operator": User}


def for_filters(filters: Filters) -> dict[str, Option]:
    """Return the options of project, queue, dialer and operator."""
    chosen = {name: getattr(filters, f"{name}_ids") for name in _MODELS}
    return choices.first_of_all(_MODELS, chosen)


def offered(name: str, filters: Filters, text: str) -> Option:
    """Return what is chosen and the first of the others with the words of ``text``."""
    return choices.offered(name, _MODELS[name], getattr(filters, f"{name}_ids"), text)
