"""The steps of a scenario: an ordered tree, as it is kept and as it is edited.

Some steps have ways, each with steps of its own: the keys of a menu, listed, open and closed. A
call that comes to the end of a way goes on behind the step that it belongs to; so it does where no
way fits. Only the steps in ENDS end it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.objects.versions.content import ContentError

DIGITS = tuple("1234567890*#")
MOST_STEPS, MOST_DEPTH = 100, 6
# Kind of step → what is set in it, and the longest text or the highest number that it may be.
SETTINGS: dict[str, dict[str, tuple[type, int]]] = {
    "say": {"text": (str, 2000), "sound": (str, 100)},
    "menu": {
        "text": (str, 2000),
        "sound": (str, 100),
        "wait_s": (int, 60),
        "repeats": (int, 9),
    },
    "list": {"list_id": (str, 36)},
    "schedule": {"schedule_id": (str, 36)},
    "notify": {"template_id": (str, 36), "to": (str, 8), "address": (str, 254)},
    "queue": {"queue_id": (str, 36)},
    "operator": {"user_id": (str, 36)},
    "number": {"number": (str, 20)},
    "voicemail": {"text": (str, 2000), "sound": (str, 100)},
    "hang_up": {},
}
WAYS: dict[str, tuple[str, ...]] = {
    "menu": DIGITS,
    "list": ("listed",),
    "schedule": ("open", "closed"),
}
ENDS = ("queue", "operator", "number", "voicemail", "hang_up")
# What is referred to by its id.
REFERENCES = ("list_id", "schedule_id", "template_id", "queue_id", "user_id")
_KEY = re.compile(r"[0-9a-z]{1,12}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass
class Step:
    """``set``: what is set in it, by name; what is missing was not chosen yet."""

    key: str
    do: str
    set: dict[str, Any] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        """Whether a call may pass by all of its ways: no key was pressed, or it is not listed."""
        return self.do not in ENDS and self.do != "schedule"


@dataclass
class Way:
    """What is done when ``on`` is so: a key, listed, open or closed."""

    on: str
    steps: list[Step] = field(default_factory=list)


@dataclass
class Content:
    steps: list[Step] = field(default_factory=list)

    def plain(self) -> Any:
        return {"steps": [_plain(step) for step in self.steps]}

    def all(self) -> Iterator[Step]:
        """Yield every step, those of ways behind the step that they belong to."""
        for _steps, step in self._walk(self.steps):
            yield step

    def _walk(self, steps: list[Step]) -> Iterator[tuple[list[Step], Step]]:
        for step in steps:
            yield steps, step
            for way in step.ways:
                yield from self._walk(way.steps)

    def find(self, key: str) -> tuple[list[Step], Step]:
        """Return a step and the steps that it is one of; KeyError if it is not there."""
        for steps, step in self._walk(self.steps):
            if step.key == key:
                return steps, step
        raise KeyError(key)

    def at(self, place: str) -> list[Step]:
        """Return the steps of a place: '' is the beginning, 'key:on' the way of a step."""
        if not place:
            return self.steps
        key, _colon, on = place.partition(":")
        ways = self.find(key)[1].ways
        return next(way for way in ways if way.on == on).steps if _has(ways, on) else _lost(place)

    def add(self, do: str, place: str, before: str = "") -> Step:
        """Put a new step at the end of a place, or before another step, wherever that is."""
        steps = self.find(before)[0] if before else self.at(place)
        where = next((n for n, one in enumerate(steps) if one.key == before), len(steps))
        made = Step(secrets.token_hex(4), do)
        if do != "menu":
            made.ways = [Way(on) for on in WAYS.get(do, ())]
        steps.insert(where, made)
        return made

    def move(self, key: str, by: int) -> bool:
        """Move a step among its neighbours; tell whether it has come to the end of them."""
        steps, step = self.find(key)
        where = steps.index(step)
        if 0 <= where + by < len(steps):
            steps.insert(where + by, steps.pop(where))
        return step is steps[0 if by < 0 else -1]

    def remove(self, key: str) -> None:
        """Take a step out, with all that is in its ways."""
        steps, step = self.find(key)
        steps.remove(step)

    @property
    def depth(self) -> int:
        return _depth(self.steps)


def _has(ways: list[Way], on: str) -> bool:
    return any(way.on == on for way in ways)


def _lost(place: str) -> Any:
    raise KeyError(place)


def _depth(steps: list[Step]) -> int:
    return 1 + max((_depth(way.steps) for step in steps for way in step.ways), default=0)


def _plain(step: Step) -> dict[str, Any]:
    ways = [{"on": way.on, "steps": [_plain(one) for one in way.steps]} for way in step.ways]
    return {"key": step.key, "do": step.do, "set": dict(sorted(step.set.items())), "ways": ways}


# --- what is stored


def read(data: Any) -> Content:
    """Read what :meth:`Content.plain` wrote; refuse all else."""
    steps = _object(data).get("steps", [])
    content = Content([_step(one, 1) for one in _list(steps)])
    keys = [step.key for step in content.all()]
    if len(keys) > MOST_STEPS or len(set(keys)) < len(keys):
        raise ContentError("too many steps, or one twice")
    return content


def _step(data: Any, depth: int) -> Step:
    data = _object(data)
    key, do = data.get("key"), data.get("do")
    if not isinstance(key, str) or not _KEY.fullmatch(key) or do not in SETTINGS:
        raise ContentError("no step")
    found = Step(key, do, _object(data.get("set", {})))
    for name, value in found.set.items():
        if name not in SETTINGS[do] or not _fits(name, value, *SETTINGS[do][name]):
            raise ContentError(f"{do}.{name}")
    for one in _list(data.get("ways", [])):
        on = _object(one).get("on")
        if on not in WAYS.get(do, ()) or depth >= MOST_DEPTH:
            raise ContentError("no way")
        steps = [_step(step, depth + 1) for step in _list(one.get("steps", []))]
        found.ways.append(Way(on, steps))
    return found


def _fits(name: str, value: Any, kind: type, limit: int) -> bool:
    if kind is int:
        return type(value) is int and 0 <= value <= limit
    if not isinstance(value, str) or len(value) > limit or _UNWRITABLE.search(value):
        return False
    return name not in REFERENCES or bool(_ID.fullmatch(value))


def _of(kind: type) -> Callable[[Any], Any]:
    def check(data: Any) -> Any:
        if not isinstance(data, kind):
            raise ContentError(f"no {kind.__name__}")
        return data

    return check


_object, _list = _of(dict), _of(list)
