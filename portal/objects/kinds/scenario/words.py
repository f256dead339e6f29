"""What the steps of a scenario are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.objects.kinds.scenario.content import DIGITS, REFERENCES, Content, Step, Way
from portal.objects.kinds.scenario.targets import names as names_of
from portal.objects.versions.content import Part

# Kind of step → what it is called, and its icon. The order is that in which they are offered.
STEPS = {
    "say": (_l("Say or play"), "volume"),
    "menu": (_l("Menu"), "hash"),
    "list": (_l("Check the number against a list"), "list"),
    "schedule": (_l("Check a schedule"), "calendar-time"),
    "notify": (_l("Send a notification"), "send"),
    "queue": (_l("To a queue"), "stack-2"),
    "operator": (_l("To an operator"), "headset"),
    "number": (_l("To a number"), "phone-outgoing"),
    "voicemail": (_l("Voicemail"), "microphone"),
    "hang_up": (_l("Hang up"), "phone-off"),
}
RECIPIENTS = {"caller": _l("Whoever is on the line"), "address": _l("An address or number")}
_WAYS = {"listed": _l("Listed"), "open": _l("It is open"), "closed": _l("It is closed")}
_LABELS = {
    "text": _l("Text"),
    "sound": _l("Recording"),
    "wait_s": _l("Wait for a key (s)"),
    "repeats": _l("Repeat"),
    "list_id": _l("List"),
    "schedule_id": _l("Schedule"),
    "template_id": _l("Template"),
    "to": _l("Recipient"),
    "address": _l("Address"),
    "queue_id": _l("Queue"),
    "user_id": _l("Operator"),
    "number": _l("Number"),
}
Names = Mapping[str, str]
BETWEEN = " › "


def label(step: Step) -> str:
    return str(STEPS[step.do][0])


def way_label(on: str) -> str:
    return _("Key %(key)s", key=on) if on in DIGITS else str(_WAYS[on])


def else_label(step: Step) -> str:
    """Say when a call passes by the ways of a step."""
    return _("No key") if step.do == "menu" else _("Not listed")


def summary(step: Step, names: Names) -> str:
    """Return in a line what is set in a step, or nothing."""
    found = step.set
    for name in (*REFERENCES, "number", "text", "sound"):
        if found.get(name):
            return names.get(found[name], _("Gone")) if name in REFERENCES else found[name]
    return ""


def told(step: Step, names: Names) -> str:
    """Return a step as a part of a path: what it does, and with what."""
    what = summary(step, names)
    if not what:
        return label(step)
    if len(what) > 60:
        what = f"{what[:59]}…"
    return _("%(step)s “%(what)s”", step=label(step), what=" ".join(what.split()))


def facts(step: Step, names: Names) -> dict[str, str]:
    """Return what is set in a step: label → words."""
    rows: dict[str, str] = {}
    for name, text in _LABELS.items():
        value: Any = step.set.get(name)
        if value not in (None, ""):
            rows[str(text)] = _value(name, value, names)
    if step.do == "menu":
        rows[_("Keys")] = ", ".join(way.on for way in step.ways)
    return rows


def _value(name: str, value: Any, names: Names) -> str:
    if name in REFERENCES:
        return names.get(value, _("Gone"))
    return str(RECIPIENTS[value]) if name == "to" else str(value)


def parts(content: Content) -> list[Part]:
    """Return the steps in words, each with where it stands."""
    names = names_of(content)
    found: list[Part] = []

    def tell(steps: list[Step], above: tuple[str, ...], inside: str) -> None:
        for step in steps:
            here = (*above, label(step))
            found.append(Part(step.key, BETWEEN.join(here), facts(step, names), inside))
            for way in step.ways:
                tell(way.steps, (*here, way_label(way.on)), f"{step.key}:{way.on}")

    tell(content.steps, (), "")
    return found


def place(crumbs: tuple[tuple[int, Step] | Way, ...]) -> str:
    """Return where something stands: the numbers and names of steps, and the ways between them."""
    return BETWEEN.join(
        way_label(one.on) if isinstance(one, Way) else f"{one[0]} {label(one[1])}" for one in crumbs
    )
