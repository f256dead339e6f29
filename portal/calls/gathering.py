"""Finding all evidence of the calls that some lines are of, in whichever files it came.

What is gathered may be more than the calls need, never less: a call is always built from all its
lines, and :mod:`portal.calls.builders.asterisk.grouping` decides what belongs together.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, tuple_

from portal.calls.builders.asterisk.grouping import (
    TimedRow,
    asked_during,
    goes_on,
    phones_of,
    timed,
)
from portal.calls.evidence import OPERATOR_TAG, EvidenceFile, EvidenceLine
from portal.calls.ordering import Place, in_order
from portal.calls.sources import form_of, parse
from portal.calls.sources.records import CdrRow, QueueEvent, Record, Told, endpoint_of
from portal.calls.stamping import chunks
from portal.extensions import db
from portal.wall.arrays import Among

# The thread under which the starts of an exchange are kept: they end calls that they do not name.
STARTS = "QUEUESTART"
# How long a call may last in which an operator asks a colleague.
_LONGEST_S = 6 * 3600
_TOUCH_S = 2


@dataclass(frozen=True)
class Gathered:
    """The records of whole calls in the order of the logs, and the ids by which they were found.

    ``forgotten``: the ids of which lines were forgotten; their calls cannot be built any more.
    """

    records: list[Record]
    threads: frozenset[str]
    forgotten: frozenset[str] = frozenset()


class Gathering:
    """Gathers the evidence of one source; ``known``: what some lines say, by file and number."""

    def __init__(
        self,
        company_id: int,
        source_id: uuid.UUID,
        zone: ZoneInfo,
        known: Mapping[tuple[uuid.UUID, int], Record | None] | None = None,
    ) -> None:
        self.company_id, self.source_id, self.zone = company_id, source_id, zone
        self.known = known or {}
        self.forgotten: set[str] = set()

    def calls_of(self, threads: Iterable[str]) -> Gathered:
        """Return the records of every call that one of ``threads`` may be part of."""
        known: set[str] = set()
        places: dict[tuple[uuid.UUID, int], Place] = {}
        new = set(threads)
        while new:
            known |= new
            found = self._lines(new)
            places.update(found)
            records = [place.record for place in found.values()]
            rows = [record for record in records if isinstance(record, CdrRow)]
            tied = [record for record in records if isinstance(record, CdrRow | Told)]
            new = {one.thread for one in tied} | {one.linked_thread or one.thread for one in tied}
            new |= self._linking_to(known)
            new |= self._asked(rows)
            new -= known
        forgotten = frozenset(self.forgotten)
        if not places:
            return Gathered([], frozenset(known), forgotten)
        places.update(self._starts(min(place.at for place in places.values())))
        return Gathered(in_order(places.values()), frozenset(known), forgotten)

    def _select(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(
            EvidenceLine.company_id == self.company_id, EvidenceLine.source_id == self.source_id
        )

    def _lines(self, threads: set[str]) -> dict[tuple[uuid.UUID, int], Place]:
        return {
            key: place
            for part in chunks(sorted(threads))
            for key, place in self._places(Among(EvidenceLine.thread, part)).items()
        }

    def _starts(self, since: int) -> dict[tuple[uuid.UUID, int], Place]:
        return self._places((EvidenceLine.thread == STARTS) & (EvidenceLine.at >= since))

    def _places(self, condition: Any) -> dict[tuple[uuid.UUID, int], Place]:
        query = self._select(
            EvidenceLine.file_id,
            EvidenceLine.number,
            EvidenceLine.hash,
            EvidenceLine.occurrence,
            EvidenceLine.at,
            EvidenceLine.raw,
            EvidenceLine.thread,
            EvidenceFile.kind,
        ).join(
            EvidenceFile,
            (EvidenceFile.company_id == EvidenceLine.company_id)
            & (EvidenceFile.id == EvidenceLine.file_id),
        )
        places = {}
        for file_id, number, digest, occurrence, at, raw, thread, kind in db.session.execute(
            query.where(condition)
        ):
            if not raw and thread:
                self.forgotten.add(thread)
            if (file_id, number) in self.known:
                record = self.known[file_id, number]
            else:
                record = parse(form_of(kind), raw, first=number == 1).record
            if record is not None:
                if isinstance(record, Told) and at is not None and record.at != at:
                    record = replace(record, at=at)  # told by the rows around it
                line = (digest, occurrence)
                places[file_id, number] = Place(line, file_id, number, at or 0, record)
        return places

    def _linking_to(self, threads: set[str]) -> set[str]:
        """Return the threads of rows whose second id is one of these."""
        return {
            thread
            for part in chunks(sorted(threads))
            for thread in db.session.scalars(
                self._select(EvidenceLine.thread).where(Among(EvidenceLine.linked_thread, part))
            )
        }

    def _asked(self, rows: Sequence[CdrRow]) -> set[str]:
        """Return the threads of calls that operators made while they were on these, or reverse."""
        if not rows:
            return set()
        mine = timed(rows, self.zone)
        own = {thread for row in rows for thread in (row.thread, row.linked_thread)}
        pairs = [*self._of_channels(mine, own), *self._of_tags(mine, own)]
        read = self._read({light for _, light in pairs})
        return {
            other.row.thread
            for row, light in pairs
            for other in read.get((light.file_id, light.number), ())
            if any(
                fits(*pair)
                for fits in (goes_on, asked_during)
                for pair in ((row, other), (other, row))
            )
        }

    def _of_channels(
        self, rows: Sequence[TimedRow], own: set[str | None]
    ) -> Iterable[tuple[TimedRow, Any]]:
        """Yield each row with the lines of other calls that name one of its channels."""
        by_channel: dict[str, list[TimedRow]] = defaultdict(list)
        for row in rows:
            for channel in {row.row.channel, row.row.peer_channel} - {""}:
                by_channel[channel[:150]].append(row)
        for part in chunks(sorted(by_channel)):
            named = or_(Among(EvidenceLine.channel, part), Among(EvidenceLine.peer_channel, part))
            for light in self._lights(named, rows, own):
                for channel in {light.channel, light.peer_channel}:
                    for row in by_channel.get(channel, ()):
                        if _near(row, light):
                            yield row, light

    def _of_tags(
        self, rows: Sequence[TimedRow], own: set[str | None]
    ) -> Iterable[tuple[TimedRow, Any]]:
        """Yield each row with the lines of other calls that share its tag and a phone."""
        by_tag: dict[tuple[str, str], list[TimedRow]] = defaultdict(list)
        for row in rows:
            if row.row.user_field:
                for phone in phones_of(row.row):
                    by_tag[row.row.user_field[:150], phone].append(row)
        for part in chunks(sorted({tag for tag, _ in by_tag})):
            for light in self._lights(Among(EvidenceLine.tag, part), rows, own):
                for phone in {
                    endpoint_of(light.channel or ""),
                    endpoint_of(light.peer_channel or ""),
                }:
                    for row in by_tag.get((light.tag, phone), ()):
                        if _near(row, light):
                            yield row, light

    def _lights(self, condition: Any, rows: Sequence[TimedRow], own: set[str | None]) -> list[Any]:
        """Return, unparsed, the lines of other calls around the time of ``rows``."""
        since, until = min(row.start for row in rows), max(row.end for row in rows)
        line = EvidenceLine
        query = self._select(
            line.file_id,
            line.number,
            line.at,
            line.thread,
            line.linked_thread,
            line.channel,
            line.peer_channel,
            line.tag,
        ).where(condition, line.at.between(since - _LONGEST_S, until + _TOUCH_S))
        found = db.session.execute(query)
        return [
            light for light in found if own.isdisjoint((light.thread, light.linked_thread or ""))
        ]

    def _read(self, lights: set[Any]) -> dict[tuple[uuid.UUID, int], list[TimedRow]]:
        """Read the rows of the lines that were found."""
        read: dict[tuple[uuid.UUID, int], list[TimedRow]] = {}
        for part in chunks(sorted((light.file_id, light.number) for light in lights)):
            keys = tuple_(EvidenceLine.file_id, EvidenceLine.number)
            for key, place in self._places(keys.in_(part)).items():
                if isinstance(place.record, CdrRow):
                    read[key] = timed([place.record], self.zone)
        return read


def _near(row: TimedRow, light: Any) -> bool:
    """Tell whether the channel of a line was made in time to be up while the row was."""
    return bool(row.start - _LONGEST_S <= light.at <= row.end + _TOUCH_S)


def thread_of(record: Record | None) -> str | None:
    """Return the thread under which a record is kept."""
    if isinstance(record, QueueEvent) and record.verb == "QUEUESTART":
        return STARTS
    return record.thread if record is not None else None


def tag_of(agent: str) -> str:
    """Return the tag of the lines that say what ``agent`` does between calls."""
    return f"{OPERATOR_TAG}{agent}"
