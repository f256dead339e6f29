"""What is wrong with the steps of a scenario, and the paths that a call can take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from portal.objects.kinds.scenario import words
from portal.objects.kinds.scenario.content import ENDS, REFERENCES, Content, Step, Way
from portal.objects.kinds.scenario.targets import inside
from portal.objects.kinds.scenario.targets import names as names_of

MOST_PATHS = 100
Crumbs = tuple[tuple[int, Step] | Way, ...]


def check(scenario: Any, content: Content) -> list[str]:
    """Return what has to be put right before the steps may work, each with its place."""
    if not content.steps:
        return [_("There is no step yet.")]
    here = inside(content, scenario.project_id)
    found = list(_wrong(content.steps, (), here))
    for crumbs in _loose(content.steps, ()):
        place = crumbs if isinstance(crumbs, str) else words.place(crumbs)
        found.append(_("%(place)s: the call goes on, and there is no step. End it.", place=place))
    return found


def _wrong(steps: list[Step], above: Crumbs, here: set[str]) -> Iterator[str]:
    ended = False
    for number, step in enumerate(steps, 1):
        crumbs = (*above, (number, step))
        place = words.place(crumbs)
        if ended:
            yield _("%(place)s: it is never reached, the call has ended.", place=place)
            break
        for missing in _missing(step):
            yield _("%(place)s: %(missing)s", place=place, missing=missing)
        for name in REFERENCES:
            if step.set.get(name) and step.set[name] not in here:
                yield _("%(place)s: what it leads to is not in the project.", place=place)
        for way in step.ways:
            yield from _wrong(way.steps, (*crumbs, way), here)
        ended = _ends(step)


def _missing(step: Step) -> Iterator[str]:
    """Say what was not chosen yet."""
    found = step.set
    match step.do:
        case "say" | "menu" if not (found.get("text") or found.get("sound")):
            yield _("there is nothing to say or play.")
        case "list" if not found.get("list_id"):
            yield _("choose a list.")
        case "schedule" if not found.get("schedule_id"):
            yield _("choose a schedule.")
        case "notify" if not found.get("template_id"):
            yield _("choose a template.")
        case "queue" if not found.get("queue_id"):
            yield _("choose a queue.")
        case "operator" if not found.get("user_id"):
            yield _("choose an operator.")
        case "number" if not found.get("number"):
            yield _("type a number.")
    if step.do == "menu" and not step.ways:
        yield _("choose the keys that can be pressed.")
    for on, count in Counter(way.on for way in step.ways).items():
        if count > 1:
            yield _("the key %(key)s is there twice.", key=on)


def _ends(step: Step) -> bool:
    """Tell whether no call goes on behind a step."""
    if step.do in ENDS:
        return True
    ways = bool(step.ways) and all(any(map(_ends, way.steps)) for way in step.ways)
    return ways and not step.goes_on


def _loose(steps: list[Step], above: Crumbs) -> Iterator[Crumbs | str]:
    """Yield the places behind which a call goes on where nothing is."""
    if any(map(_ends, steps)):
        return
    if not steps:
        yield above
        return
    last = steps[-1]
    crumbs = (*above, (len(steps), last))
    if not last.ways:
        yield crumbs
        return
    for way in last.ways:
        yield from _loose(way.steps, (*crumbs, way))
    if last.goes_on:
        yield f"{words.place(crumbs)}{words.BETWEEN}{words.else_label(last)}"


# --- paths


@dataclass(frozen=True)
class Path:
    """One way through the scenario in words; ``ends``: in what, or nothing."""

    stops: list[str]
    ends: str


def paths(content: Content) -> tuple[list[Path], bool]:
    """Return the paths that a call can take, and whether there are more of them."""
    names = names_of(content)
    found = list(islice(_paths(content.steps, (), names), MOST_PATHS + 1)) if content.steps else []
    return found[:MOST_PATHS], len(found) > MOST_PATHS


def _paths(steps: list[Step], rest: tuple[list[Step], ...], names: words.Names) -> Iterator[Path]:
    """Yield the paths through ``steps``; behind them a call goes on with ``rest``."""
    if not steps:
        if rest:
            yield from _paths(rest[0], rest[1:], names)
        else:
            yield Path([], "")
        return
    step, after = steps[0], steps[1:]
    stop = words.told(step, names)
    if step.do in ENDS:
        yield Path([], stop)
        return
    for way in step.ways:
        for path in _paths(way.steps, (after, *rest), names):
            said = _("%(step)s: %(way)s", step=stop, way=words.way_label(way.on))
            yield Path([said, *path.stops], path.ends)
    if step.goes_on:
        if step.ways or step.do == "list":
            stop = _("%(step)s: %(way)s", step=stop, way=words.else_label(step))
        for path in _paths(after, rest, names):
            yield Path([stop, *path.stops], path.ends)
