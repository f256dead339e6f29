"""Finding all evidence of the calls that some lines are of, in whichever files it came.

What is gathered may be more than the calls need, never less: a call is always built from all its
lines, and :mod:`portal.calls.grouping` decides what belongs together.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from portal.calls.evidence import EvidenceFile, EvidenceLine
from portal.calls.grouping import Place, TimedRow, asked_during, goes_on, in_order, timed
from portal.calls.sources import FORMATS, parse
from portal.calls.sources.records import CdrRow, QueueEvent, Record
from portal.calls.stamping import chunks
from portal.extensions import db

# The thread under which the starts of an exchange are kept: they end calls that they do not name.
STARTS = "QUEUESTART"
_TAG_WINDOW_S = 6 * 3600
_CHANNEL_WINDOW_S = 36 * 3600


@dataclass(frozen=True)
class Gathered:
    """The records of whole calls in the order of the logs, and the ids by which they were found."""

    records: list[Record]
    threads: frozenset[str]


class Gathering:
    """Gathers the evidence of one source."""

    def __init__(self, company_id: int, source_id: uuid.UUID, zone: ZoneInfo) -> None:
        self.company_id, self.source_id, self.zone = company_id, source_id, zone

    def calls_of(self, threads: Iterable[str]) -> Gathered:
        """Return the records of every call that one of ``threads`` may be part of."""
        known: set[str] = set()
        places: dict[tuple[uuid.UUID, int], Place] = {}
        new = set(threads)
        while new:
            known |= new
            found = self._lines(new)
            places.update(found)
            rows = [p.record for p in found.values() if isinstance(p.record, CdrRow)]
            new = {row.thread for row in rows} | {row.linked_thread or row.thread for row in rows}
            new |= self._linking_to(known)
            new |= self._asked(rows)
            new -= known
        if not places:
            return Gathered([], frozenset(known))
        places.update(self._starts(min(place.at for place in places.values())))
        return Gathered(in_order(places.values()), frozenset(known))

    def _select(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(
            EvidenceLine.company_id == self.company_id, EvidenceLine.source_id == self.source_id
        )

    def _lines(self, threads: set[str]) -> dict[tuple[uuid.UUID, int], Place]:
        return {
            key: place
            for part in chunks(sorted(threads))
            for key, place in self._places(EvidenceLine.thread.in_(part)).items()
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
            EvidenceFile.kind,
        ).join(
            EvidenceFile,
            (EvidenceFile.company_id == EvidenceLine.company_id)
            & (EvidenceFile.id == EvidenceLine.file_id),
        )
        places = {}
        for file_id, number, digest, occurrence, at, raw, kind in db.session.execute(
            query.where(condition)
        ):
            record = parse(FORMATS[kind], raw, first=number == 1).record
            if record is not None:
                line = (digest, occurrence)
                places[file_id, number] = Place(line, file_id, number, at or 0, record)
        return places

    def _linking_to(self, threads: set[str]) -> set[str]:
        """Return the threads of rows whose second id is one of these."""
        return {
            thread
            for part in chunks(sorted(threads))
            for thread in db.session.scalars(
                self._select(EvidenceLine.thread).where(EvidenceLine.linked_thread.in_(part))
            )
        }

    def _asked(self, rows: Sequence[CdrRow]) -> set[str]:
        """Return the threads of calls that operators made while they were on these, or reverse."""
        mine = timed(rows, self.zone)
        others = self._timed_like(mine)
        by_channel: dict[str, list[TimedRow]] = {}
        by_tag: dict[str, list[TimedRow]] = {}
        for other in others:
            for channel in {other.row.channel, other.row.peer_channel} - {""}:
                by_channel.setdefault(channel, []).append(other)
            if other.row.user_field:
                by_tag.setdefault(other.row.user_field, []).append(other)
        found = set()
        for row in mine:
            for channel in {row.row.channel, row.row.peer_channel} - {""}:
                for other in by_channel.get(channel, ()):
                    if goes_on(row, other) or goes_on(other, row):
                        found.add(other.row.thread)
            for other in by_tag.get(row.row.user_field, ()):
                if asked_during(row, other) or asked_during(other, row):
                    found.add(other.row.thread)
        return found

    def _timed_like(self, rows: Sequence[TimedRow]) -> list[TimedRow]:
        """Return the rows of any call that name a channel of ``rows`` or carry a tag of theirs."""
        if not rows:
            return []
        since, until = min(row.start for row in rows), max(row.end for row in rows)
        channels = {c for row in rows for c in (row.row.channel, row.row.peer_channel)} - {""}
        tags = {row.row.user_field[:150] for row in rows} - {""}
        found: dict[tuple[uuid.UUID, int], Place] = {}
        for part in chunks(sorted(channels)):
            near = EvidenceLine.at.between(since - _CHANNEL_WINDOW_S, until + _CHANNEL_WINDOW_S)
            names = [channel[:150] for channel in part]
            same = or_(EvidenceLine.channel.in_(names), EvidenceLine.peer_channel.in_(names))
            found |= self._places(same & near)
        for part in chunks(sorted(tags)):
            near = EvidenceLine.at.between(since - _TAG_WINDOW_S, until + _TAG_WINDOW_S)
            found |= self._places(EvidenceLine.tag.in_(part) & near)
        records = [p.record for p in found.values() if isinstance(p.record, CdrRow)]
        return timed(records, self.zone)


def thread_of(record: Record | None) -> str | None:
    """Return the thread under which a record is kept."""
    if isinstance(record, QueueEvent) and record.verb == "QUEUESTART":
        return STARTS
    return record.thread if record is not None else None
