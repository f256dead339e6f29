"""Which lines of an Asterisk belong to one call.

Lines are tied by the ids they name: a queue event by its call id, a row by its unique id and its
linked id. An operator who asks a colleague before handing a caller on makes a call with ids of its
own; what ties it to the caller's call is the channel that both name at the moment of the transfer,
or, where nobody took over, the tag that the operator's phone call inherited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from portal.calls.builders.asterisk.clock import spans
from portal.calls.sources.records import CdrRow, QueueEvent, Record, endpoint_of

_TOUCH_S = 2
# Rows without any id are tied by their channel, whose counter starts again with the exchange.
_SAME_CHANNEL_GAP_S = 300


@dataclass(slots=True)
class Lines:
    """The lines of one call, in order."""

    events: list[QueueEvent] = field(default_factory=list)
    rows: list[CdrRow] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TimedRow:
    row: CdrRow
    thread: str
    start: int
    end: int


class _Sets:
    """Disjoint sets of threads."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def find(self, item: str) -> str:
        root = item
        while self.parent.setdefault(root, root) != root:
            root = self.parent[root]
        while self.parent[item] != root:
            self.parent[item], item = root, self.parent[item]
        return root

    def join(self, one: str, other: str) -> None:
        self.parent[self.find(one)] = self.find(other)


def group(records: Sequence[Record], zone: ZoneInfo) -> list[Lines]:
    """Put the records of each call together; the records that concern no call are left out."""
    sets = _Sets()
    rows = timed([record for record in records if isinstance(record, CdrRow)], zone)
    for timed_row in rows:
        sets.find(timed_row.thread)
        if timed_row.row.linked_thread:
            sets.join(timed_row.thread, timed_row.row.linked_thread)
    for one, other in [*_by_channel(rows), *_by_tag(rows)]:
        sets.join(one, other)
    calls: dict[str, Lines] = defaultdict(Lines)
    for record in records:
        if isinstance(record, QueueEvent) and record.thread:
            lines = calls[sets.find(record.thread)]
            lines.events.append(record)
            lines.threads.add(record.thread)
    for timed_row in rows:
        lines = calls[sets.find(timed_row.thread)]
        lines.rows.append(timed_row.row)
        lines.threads |= {timed_row.row.thread, timed_row.row.linked_thread or timed_row.row.thread}
    return list(calls.values())


def timed(rows: Sequence[CdrRow], zone: ZoneInfo) -> list[TimedRow]:
    """Resolve the times of rows; split rows without ids where a channel's counter began anew."""
    result = []
    last_end: dict[str, tuple[int, int]] = {}
    order = sorted(zip(rows, spans(rows, zone), strict=True), key=lambda pair: pair[1].start)
    for row, span in order:
        thread = row.thread
        if thread.startswith("channel:"):
            part, end = last_end.get(thread, (0, span.start))
            part += span.start - end > _SAME_CHANNEL_GAP_S
            last_end[thread] = (part, max(end, span.end))
            thread = f"{thread}#{part}"
        result.append(TimedRow(row, thread, span.start, span.end))
    return result


def _by_channel(rows: list[TimedRow]) -> Iterable[tuple[str, str]]:
    """Yield threads that an attended transfer joined: one row ends with a channel, one goes on."""
    naming: dict[str, list[TimedRow]] = defaultdict(list)
    threads: dict[str, list[TimedRow]] = defaultdict(list)
    for row in rows:
        threads[row.row.linked_thread or row.thread].append(row)
        for channel in {row.row.channel, row.row.peer_channel} - {""}:
            naming[channel].append(row)
    for asking in rows:
        for going_on in naming.get(asking.row.peer_channel, ()):
            if goes_on(asking, going_on) and any(
                _was_on(asking, other)
                for other in threads[going_on.row.linked_thread or going_on.thread]
            ):
                yield asking.thread, going_on.thread


def goes_on(asking: TimedRow, going_on: TimedRow) -> bool:
    """Tell whether one row goes on, in another call, with the phone that the other row rang."""
    return (
        asking.thread != going_on.thread
        and asking.row.linked_thread != going_on.row.linked_thread
        and abs(asking.end - going_on.start) <= _TOUCH_S
        and asking.start < going_on.start + _TOUCH_S
        and endpoint_of(asking.row.channel) != endpoint_of(going_on.row.channel)
    )


def _was_on(asking: TimedRow, other: TimedRow) -> bool:
    """Tell whether the phone that asked was on the other call when it did."""
    phone = endpoint_of(asking.row.channel)
    if phone not in (endpoint_of(other.row.peer_channel), endpoint_of(other.row.channel)):
        return False
    return other.start <= asking.start <= other.end + 1


def _by_tag(rows: list[TimedRow]) -> Iterable[tuple[str, str]]:
    """Yield threads of a call and of a question during it that came to nothing."""
    on_phone: dict[tuple[str, str], list[TimedRow]] = defaultdict(list)
    for row in rows:
        if row.row.user_field:
            for phone in phones_of(row.row):
                on_phone[row.row.user_field, phone].append(row)
    for asking in rows:
        if asking.row.user_field and _is_phone(asking.row):
            for other in on_phone[asking.row.user_field, endpoint_of(asking.row.channel)]:
                if asked_during(asking, other):
                    yield asking.thread, other.thread


def phones_of(row: CdrRow) -> set[str]:
    """Return the phones of the house in a row, without the lines to the outside."""
    phones = {endpoint_of(row.channel)} if _is_phone(row) else set()
    peer = endpoint_of(row.peer_channel)
    name = peer.partition("/")[2]
    if name and f"@{name}" not in row.application_data and f"/{name}/" not in row.application_data:
        phones.add(peer)
    return phones


def _is_phone(row: CdrRow) -> bool:
    """Tell whether a row's own channel is a phone of the house, which shows its own number."""
    return endpoint_of(row.channel).partition("/")[2] == row.source


def asked_during(asking: TimedRow, other: TimedRow) -> bool:
    """Tell whether a phone made one call, start to end, while it was on the other."""
    return (
        other.start < asking.start
        and asking.end <= other.end
        and asking.thread != other.thread
        and asking.row.user_field == other.row.user_field
        and other.row.answered
        and _is_phone(asking.row)
        and endpoint_of(asking.row.channel) in phones_of(other.row)
        and asking.row.channel not in (other.row.peer_channel, other.row.channel)
    )
