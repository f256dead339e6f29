"""Dialers call a base of numbers automatically."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from portal.access.permissions import Permission
from portal.forms import choice, number
from portal.objects.fields import ReadField, read_caller_id
from portal.objects.kind import Inside, Kind
from portal.objects.kinds.dialer import running
from portal.objects.kinds.dialer.models import (
    MODES,
    NEEDS,
    RESULTS,
    STATES,
    TO_QUEUE,
    TO_SCENARIO,
    Dialer,
    DialerExclusion,
)
from portal.objects.settings import Grid, Picker, Settings, SeveralPicker

__all__ = ["KIND", "Dialer", "DialerExclusion"]


def _attempts(label: Any, default: int) -> Any:
    return number(label, least=0, most=50, default=default)


def _wait(label: Any, default: int) -> Any:
    return number(label, least=0, most=100_000, default=default)


class DialerSettings(Settings):
    sections = {
        _l("Calls"): (
            "mode",
            "queue_id",
            "scenario_id",
            "provider_id",
            "caller_id",
            "schedule_id",
        ),
        _l("When nobody is reached"): Grid(
            columns=(_l("Result"), _l("Further attempts"), _l("Wait before them (min)")),
            rows=tuple((text, (f"{r}_attempts", f"{r}_wait_min")) for r, text in RESULTS.items()),
        ),
        _l("Limits"): ("daily_limit", "total_limit", "excluded_lists"),
    }
    state_page = "objects/states/dialer.html"

    mode = choice(_l("Mode"), MODES)
    queue_id = Picker(
        _l("Queue"), "queues", description=_l("Its operators talk to those who answer.")
    )
    scenario_id = Picker(
        _l("Call scenario"),
        "scenarios",
        description=_l("For voice messages, or for callbacks without operators."),
    )
    provider_id = Picker(_l("SIP provider"), "sip_providers")
    caller_id = ReadField(_l("Caller ID"), read_caller_id, limit=21)
    schedule_id = Picker(_l("Schedule"), "schedules", description=_l("None: it calls at any time."))
    busy_attempts = _attempts(_l("Busy: further attempts"), 3)
    busy_wait_min = _wait(_l("Busy: wait (min)"), 10)
    no_answer_attempts = _attempts(_l("No answer: further attempts"), 3)
    no_answer_wait_min = _wait(_l("No answer: wait (min)"), 120)
    failed_attempts = _attempts(_l("Failed: further attempts"), 1)
    failed_wait_min = _wait(_l("Failed: wait (min)"), 60)
    voicemail_attempts = _attempts(_l("Voicemail: further attempts"), 2)
    voicemail_wait_min = _wait(_l("Voicemail: wait (min)"), 240)
    abandoned_attempts = _attempts(_l("Hung up while waiting: further attempts"), 2)
    abandoned_wait_min = _wait(_l("Hung up while waiting: wait (min)"), 15)
    daily_limit = number(
        _l("Calls a day"), least=0, most=10_000_000, default=0, description=_l("0: no limit.")
    )
    total_limit = number(
        _l("Calls in all"), least=0, most=100_000_000, default=0, description=_l("0: no limit.")
    )
    excluded_lists = SeveralPicker(
        _l("Lists not to call"),
        "number_lists",
        description=_l("Numbers of these lists are never called by this dialer."),
    )

    def state(self) -> dict[str, Any]:
        """Return what the dialer does now, what it can be told to do, and why it cannot start."""
        dialer: Any = self.item
        return {
            "name": STATES[dialer.state],
            "dot": {"running": "ok", "paused": "warn"}.get(dialer.state, "off"),
            "steps": running.steps(dialer),
            "obstacles": [] if dialer.state == running.RUNNING else running.obstacles(dialer),
        }

    def validate_active(self, field: Any) -> None:
        if self._at_work and not field.data:
            raise ValidationError(_("It is at work: stop it first."))

    def validate_queue_id(self, field: Any) -> None:
        self._check_answering(field, TO_QUEUE, self.scenario_id)

    def validate_scenario_id(self, field: Any) -> None:
        self._check_answering(field, TO_SCENARIO, self.queue_id)

    def validate_provider_id(self, field: Any) -> None:
        if self._at_work and not field.data:
            raise ValidationError(_("It is at work and needs this: stop it first."))

    def _check_answering(self, field: Any, way: str, other: Any) -> None:
        """Refuse what does not go with the mode, two that answer, and none while it is at work."""
        ways = NEEDS.get(self.mode.data or "", ())
        if field.data and way not in ways:
            raise ValidationError(
                _("This mode calls without operators: choose a scenario, and no queue.")
                if way == TO_QUEUE
                else _("This mode needs operators: choose a queue, and no scenario.")
            )
        if field.data and other.data and len(ways) > 1:
            raise ValidationError(_("Choose a queue or a scenario, not both."))
        if self._at_work and way in ways and not (field.data or (len(ways) > 1 and other.data)):
            raise ValidationError(_("It is at work and needs this: stop it first."))

    @property
    def _at_work(self) -> bool:
        return self.item is not None and self.item.state != running.STOPPED


KIND = Kind(
    slug="dialers",
    model=Dialer,
    order=50,
    icon="phone-outgoing",
    label=_l("Dialer"),
    plural=_l("Dialers"),
    add=_l("New dialer"),
    purpose=_l("Dialers call a base of numbers automatically."),
    settings=DialerSettings,
    inside=Inside("base.index", "dialer_id", _l("Numbers"), Permission.SEE_NUMBERS),
)
