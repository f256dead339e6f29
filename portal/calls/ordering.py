"""In which order the lines of several files came."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from portal.calls.sources.records import QueueEvent, Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands: which line it is, in whichever file, and where in this file."""

    line: Hashable  # the same for the same line in another file
    file: Hashable
    number: int
    at: int
    record: Record


def _same_event(files: Mapping[Hashable, list[Place]]) -> dict[Hashable, Place]:
    """Return, by lines of a table, the lines of a file that tell of the same event.

    The exchange writes to its table first: its file may say the second after.
    """
    told = {
        (place.line, record.place is None): (place, record)
        for lines in files.values()
        for place in lines
        if isinstance(record := place.record, QueueEvent)
    }
    of_table = {line: record for (line, in_file), (_, record) in told.items() if not in_file}
    if not of_table:
        return {}
    of_file = {line: place for (line, in_file), (place, _) in told.items() if in_file}
    only = {place.record: place for line, place in of_file.items() if line not in of_table}
    found = {
        line: only.get(replace(event, at=event.at + 1))
        for line, event in of_table.items()
        if line not in of_file
    }
    return {line: place for line, place in found.items() if place}


def _stands(place: Place) -> tuple[int, ...]:
    """Tell where a line stands in its file; the row of a table may know it better."""
    return getattr(place.record, "place", None) or (place.number,)


def in_order(places: Iterable[Place]) -> list[Record]:
    """Return each line once, in an order that keeps the order within every file.

    Where the files leave it open, the earlier line comes first.
    """
    files: dict[Hashable, list[Place]] = defaultdict(list)
    for place in places:
        files[place.file].append(place)
    records: dict[Hashable, Place] = {}
    before: dict[Hashable, int] = defaultdict(int)
    after: dict[Hashable, list[Hashable]] = defaultdict(list)
    begins = {}
    same = _same_event(files)
    for file, found in files.items():
        found.sort(key=_stands)
        lines = [*{one.line: one for one in (same.get(p.line, p) for p in found)}.values()]
        begins[file] = lines[0].at
        for place in lines:
            records.setdefault(place.line, place)
        for one, other in pairwise(lines):
            after[one.line].append(other.line)
            before[other.line] += 1
    if len(files) == 1:  # then its order is the order
        return [place.record for place in records.values()]
    return _topological(records, before, after, begins)


def _topological(
    records: dict[Hashable, Place],
    before: dict[Hashable, int],
    after: dict[Hashable, list[Hashable]],
    begins: dict[Hashable, int],
) -> list[Record]:
    ranks = {
        line: (place.at, begins[place.file], place.number, number)
        for number, (line, place) in enumerate(records.items())
    }
    lines = {rank: line for line, rank in ranks.items()}
    ready = [rank for line, rank in ranks.items() if not before[line]]
    heapq.heapify(ready)
    waiting = sorted(ranks.values(), reverse=True)
    done: set[Hashable] = set()
    result: list[Record] = []
    while len(done) < len(ranks):
        if ready:
            line = lines[heapq.heappop(ready)]
        else:  # files that contradict each other: go by time
            while lines[waiting[-1]] in done:
                waiting.pop()
            line = lines[waiting.pop()]
        if line in done:
            continue
        done.add(line)
        result.append(records[line].record)
        for other in after[line]:
            before[other] -= 1
            if before[other] == 0 and other not in done:
                heapq.heappush(ready, ranks[other])
    return result
