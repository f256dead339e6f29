"""From evidence to calls: pure, and the same result for the same evidence, in whatever pieces.

``build`` takes the records of one source in the order of its logs and returns its calls, each with
its visits and offers. What a family of exchanges means by its records is told in a module of that
family's name, by its own ``build``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

from portal.calls.builders import layout, vicidial, vicidial_operators
from portal.calls.builders.asterisk import calls as asterisk
from portal.calls.builders.freeswitch import calls as freeswitch
from portal.calls.built import BuiltCall
from portal.calls.sources.records import CdrRow, QueueEvent, Record, Told

FAMILIES: dict[str, Callable[[Sequence[Told], ZoneInfo], list[BuiltCall]]] = {
    "freeswitch": freeswitch.build,
    vicidial.FAMILY: vicidial.build,
    "layout": layout.build,
}
# What the records of a family say that operators did between calls.
OPERATORS: dict[str, Callable[[Sequence[Told]], list[QueueEvent]]] = {
    vicidial.FAMILY: vicidial_operators.events,
}


def build(records: Sequence[Record], zone: ZoneInfo) -> list[BuiltCall]:
    """Build the calls of ``records``. ``zone`` is that of the source, for times without one."""
    of_asterisk: list[QueueEvent | CdrRow] = []
    told: dict[str, list[Told]] = defaultdict(list)
    for record in records:
        if isinstance(record, Told):
            told[record.family].append(record)
        else:
            of_asterisk.append(record)
    calls = asterisk.build(of_asterisk, zone)
    for family, of_family in told.items():
        calls += FAMILIES[family](of_family, zone)
    calls.sort(key=lambda call: (call.started, call.key))
    return calls


def events_of(records: Iterable[Record]) -> list[QueueEvent]:
    """Return what operators did between calls, and the starts of their exchange, in order."""
    events: list[QueueEvent] = []
    told: dict[str, list[Told]] = defaultdict(list)
    for record in records:
        if isinstance(record, QueueEvent):
            events.append(record)
        elif isinstance(record, Told) and record.operator:
            told[record.family].append(record)
    for family, of_family in told.items():
        events += OPERATORS[family](of_family)
    return events
