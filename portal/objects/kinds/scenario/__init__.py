"""Call scenarios are the flow of a call on an inbound line or a dialer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.forms import choice
from portal.objects.kind import Inside, Kind
from portal.objects.kinds.scenario.check import check
from portal.objects.kinds.scenario.content import read
from portal.objects.kinds.scenario.models import (
    USES,
    Scenario,
    ScenarioTarget,
    ScenarioVersion,
)
from portal.objects.kinds.scenario.targets import keep
from portal.objects.kinds.scenario.words import parts
from portal.objects.settings import Settings
from portal.objects.versions.content import Versioned

__all__ = ["KIND", "Scenario", "ScenarioTarget", "ScenarioVersion"]


class ScenarioSettings(Settings):
    sections = {_l("Calls"): ("used_for",)}

    used_for = choice(_l("Used on"), USES)


KIND = Kind(
    slug="scenarios",
    model=Scenario,
    order=40,
    icon="route",
    label=_l("Call scenario"),
    plural=_l("Call scenarios"),
    add=_l("New call scenario"),
    purpose=_l("Call scenarios are the flow of a call on an inbound line or a dialer."),
    settings=ScenarioSettings,
    inside=Inside("scenarios.show", "scenario_id", _l("Steps"), Permission.VIEW_OBJECTS),
    versioned=Versioned(model=ScenarioVersion, read=read, check=check, parts=parts, uses=keep),
)
