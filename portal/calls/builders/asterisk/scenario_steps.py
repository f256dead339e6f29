"""What a dialplan logs of a call by itself: the steps of its scenarios, and tags.

A step begins with a SCENARIO event. It ends with whatever comes first of the same channel: the next
step, a queue, or SCENARIOEND; else with what the call's records tell: somebody was rung, or the
caller was gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from portal.calls.built import BuiltCall, BuiltStep, BuiltVisit
from portal.calls.sources.records import QueueEvent, Record

_LONGEST_NAME, _LONGEST_TAG = 128, 100
_HUNG_UP = "HANGUP"
_IN_SCENARIO = ("left_menu", "refused")


def steps_of(records: Iterable[Record], calls: Sequence[BuiltCall]) -> list[BuiltStep]:
    """Return the steps that calls went through, in the order of the log."""
    steps: dict[str, list[BuiltStep]] = defaultdict(list)
    for event in records:
        if isinstance(event, QueueEvent) and event.thread:
            _read(event, event.thread, steps)
    by_thread = {thread: call for call in calls for thread in call.threads}
    for thread, of_thread in steps.items():
        if of_thread[-1].exit == "open" and thread in by_thread:
            _end_with(by_thread[thread], of_thread[-1])
    return [step for of_thread in steps.values() for step in of_thread]


def _read(event: QueueEvent, thread: str, steps: dict[str, list[BuiltStep]]) -> None:
    last = steps[thread][-1] if thread in steps else None
    if last and last.exit == "open":
        if event.verb == "SCENARIO":
            _end(last, event.at, "step")
        elif event.verb == "ENTERQUEUE":
            _end(last, event.at, "queue")
        elif event.verb == "SCENARIOEND":
            _end(last, event.at, "hangup" if _HUNG_UP in event.data[1:2] else "left")
    if event.verb == "SCENARIO":
        name, step = (*event.data, "")[:2]
        name, step = (text.strip()[:_LONGEST_NAME] or "-" for text in (name, step))
        steps[thread].append(BuiltStep(thread, len(steps[thread]) + 1, name, step, event.at))


def _end(step: BuiltStep, at: int, exit: str) -> None:
    step.ended, step.exit = max(at, step.at), exit


def _end_with(call: BuiltCall, step: BuiltStep) -> None:
    """End a step of which the log does not say how it ended."""
    after = [v for v in call.visits if v.result not in _IN_SCENARIO and v.started >= step.at]
    if after:
        _end(step, min(visit.started for visit in after), "left")
    elif call.ended is not None:
        _end(step, call.ended, "hangup")


def add_tags(visits: Sequence[BuiltVisit], events: Iterable[QueueEvent]) -> None:
    """Give each tag to the visit in which it was set: of its queue, and begun before."""
    for event in events:
        if event.verb == "TAG":
            fitting = [visit for visit in visits if visit.queue == event.queue] or visits
            begun = [visit for visit in fitting if visit.started <= event.at] or fitting[:1]
            begun[-1].tags.add(event.data[0].strip()[:_LONGEST_TAG])
