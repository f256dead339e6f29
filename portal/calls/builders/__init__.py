"""From evidence to calls: pure, and the same result for the same evidence, in whatever pieces.

``build`` takes the records of one source in the order of its logs and returns its calls, each with
its visits and offers. What a family of exchanges means by its records is told in a module of that
family's name, by its own ``build``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from portal.calls.builders import layout, vicidial
from portal.calls.builders.asterisk import calls as asterisk
from portal.calls.builders.freeswitch import calls as freeswitch
from portal.calls.built import BuiltCall
from portal.calls.sources.records import CdrRow, QueueEvent, Record, Told

FAMILIES: dict[str, Callable[[Sequence[Told], ZoneInfo], list[BuiltCall]]] = {
    "freeswitch": freeswitch.build,
    vicidial.FAMILY: vicidial.build,
    "layout": layout.build,
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
