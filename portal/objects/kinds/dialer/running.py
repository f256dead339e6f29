"""Starting, pausing and stopping a dialer."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.audit import trail
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer.models import NEEDS, TO_QUEUE, TO_SCENARIO, Dialer
from portal.objects.kinds.scenario import KIND as SCENARIOS
from portal.objects.kinds.scenario import Scenario
from portal.objects.versions import queries as versions
from portal.projects.models import Project

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
# State → the states that it can be reached from, what doing so is called, and its icon.
STEPS: dict[str, tuple[tuple[str, ...], Any, str]] = {
    RUNNING: ((STOPPED, PAUSED), _l("Start"), "player-play"),
    PAUSED: ((RUNNING,), _l("Pause"), "player-pause"),
    STOPPED: ((RUNNING, PAUSED), _l("Stop"), "x"),
}
_MEANINGS = {RUNNING: "started", PAUSED: "paused", STOPPED: "stopped"}


def steps(dialer: Dialer) -> list[tuple[str, Any, str]]:
    """Return the states that a dialer can be put into now, each with its label and icon."""
    return [(name, one[1], one[2]) for name, one in STEPS.items() if dialer.state in one[0]]


def put(dialer: Dialer, state: str, *, actor: User) -> None:
    """Start, pause or stop. What is so already is left alone: of two clicks one is enough."""
    if dialer.state == state:
        return
    if dialer.state not in STEPS[state][0]:
        raise RefusedError(_("%(name)s is not running.", name=dialer.name))
    if state == RUNNING and (missing := obstacles(dialer)):
        raise RefusedError(
            _("%(name)s cannot start. %(reasons)s", name=dialer.name, reasons=" ".join(missing))
        )
    dialer.state = state
    trail.note(dialer, _MEANINGS[state])
    db.session.flush()


def obstacles(dialer: Any) -> list[str]:
    """Return in sentences why a dialer cannot start; an empty base is none."""
    found = []
    if not dialer.active:
        found.append(_("It is switched off."))
    project: Any = db.session.get(Project, (dialer.company_id, dialer.project_id))
    if project.archived_at is not None:
        found.append(_("Its project is archived."))
    found += _of_answering(dialer)
    if dialer.provider is None:
        found.append(_("It has no SIP provider."))
    for one in (dialer.queue, dialer.scenario, dialer.provider, dialer.schedule):
        if one is not None and not one.active:
            found.append(_("%(name)s is switched off.", name=one.name))
    return found


def _of_answering(dialer: Any) -> list[str]:
    ways = NEEDS[dialer.mode]
    queue = dialer.queue if TO_QUEUE in ways else None
    scenario = dialer.scenario if TO_SCENARIO in ways else None
    if queue is None and scenario is None:
        if len(ways) > 1:
            return [_("It has neither a queue nor a call scenario.")]
        missing = TO_QUEUE in ways
        return [_("It has no queue.") if missing else _("It has no call scenario.")]
    if queue is not None and queue.direction == "in":
        return [_("The queue %(name)s takes inbound calls only.", name=queue.name)]
    return _of_scenario(scenario) if scenario is not None else []


def _of_scenario(scenario: Scenario) -> list[str]:
    found = []
    if scenario.used_for != "dialer":
        found.append(_("The call scenario %(name)s is for inbound lines.", name=scenario.name))
    if versions.newest(SCENARIOS, scenario) is None:
        found.append(_("The call scenario %(name)s is not published yet.", name=scenario.name))
    return found
