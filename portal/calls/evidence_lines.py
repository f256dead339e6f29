"""Keeping lines as evidence, with the verdict on each, and telling which are new."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from portal.calls.builders.asterisk.clock import local_second
from portal.calls.built import utc
from portal.calls.evidence import EvidenceFile, EvidenceLine
from portal.calls.gathering import STARTS, tag_of, thread_of
from portal.calls.models import Call, Visit
from portal.calls.sources import BOM, form_of, parse
from portal.calls.sources.layout import TableFormat, settled
from portal.calls.sources.lines import RawLine
from portal.calls.sources.records import (
    CdrRow,
    Parsed,
    QueueEvent,
    Record,
    Told,
    Verdict,
    epoch_of,
)
from portal.calls.stamping import chunks
from portal.calls.writing import insert_rows
from portal.database import new_id
from portal.extensions import db
from portal.wall.arrays import Among

_KEY_LENGTH = 150
# An exchange that stops ends its calls itself; what ended this short before it starts is looked
# at again.
_STOPPING_S = 10
_NEAR_S = 86_400


class Batch:
    """Some lines of one file on their way into the evidence."""

    def __init__(self, company_id: int, source_id: uuid.UUID, run_id: uuid.UUID, kind: str) -> None:
        self.company_id, self.source_id, self.run_id = company_id, source_id, run_id
        self.form = form_of(kind)
        self.counts: Counter[str] = Counter()
        self.records: dict[tuple[uuid.UUID, int], Record | None] = {}  # by file and number
        self.threads: set[str] = set()
        # What concerns no call: what operators did, and when the exchange started.
        self.of_operators: list[Record] = []
        self.starts: list[int] = []
        self.first_at: int | None = None
        self.last_at: int | None = None

    def keep(
        self,
        file_id: uuid.UUID,
        lines: Sequence[RawLine],
        anew: Collection[int] = (),
        *,
        reread: bool = False,
    ) -> None:
        """Judge the lines and insert them; note the threads of what is new.

        ``anew``: numbers of lines; what comes from there on may have come before, and is no twin
        of what came then. ``reread``: those that came from this very file are no lines.
        """
        judged = list(zip(lines, self._judged(lines), strict=True))
        digests = [parsed.digest(_content(line)) for line, parsed in judged]
        in_file, known = self._seen(file_id, digests)
        told = Counter(in_file) if reread else Counter()
        rows = []
        for (line, parsed), digest in zip(judged, digests, strict=True):
            verdict, occurrence = parsed.verdict, 1
            if line.number in anew:
                in_file.clear()
            if verdict is not Verdict.BLANK:
                in_file[digest] += 1
                occurrence = 1 if parsed.key else in_file[digest]
                if occurrence <= told[digest]:
                    continue
                if (digest, occurrence) in known:
                    verdict = Verdict.DUPLICATE
                known.add((digest, occurrence))
            self.records[file_id, line.number] = parsed.record
            rows.append(self._row(file_id, line, parsed, verdict, digest, occurrence))
        insert_rows(EvidenceLine, rows)

    def _judged(self, lines: Sequence[RawLine]) -> list[Parsed]:
        judged = [self._judge(line) for line in lines]
        return settled(judged) if isinstance(self.form, TableFormat) else judged

    def _judge(self, line: RawLine) -> Parsed:
        if line.too_long:
            return Parsed(Verdict.MALFORMED, "the line is too long")
        return parse(self.form, line.raw, first=line.number == 1)

    def _seen(
        self, file_id: uuid.UUID, digests: Sequence[bytes]
    ) -> tuple[Counter[bytes], set[tuple[bytes, int]]]:
        """Return how often this file has had each line, and which lines the source has."""
        in_file: Counter[bytes] = Counter()
        known = set()
        for part in chunks(sorted(set(digests))):
            query = select(EvidenceLine.hash, EvidenceLine.occurrence, EvidenceLine.file_id).where(
                EvidenceLine.company_id == self.company_id,
                EvidenceLine.source_id == self.source_id,
                Among(EvidenceLine.hash, part),
                EvidenceLine.verdict != Verdict.BLANK,
            )
            for digest, occurrence, of_file in db.session.execute(query):
                known.add((digest, occurrence))
                in_file[digest] += of_file == file_id
        return in_file, known

    def _row(
        self,
        file_id: uuid.UUID,
        line: RawLine,
        parsed: Parsed,
        verdict: Verdict,
        digest: bytes,
        occurrence: int,
    ) -> dict[str, Any]:
        self.counts["lines_read"] += 1
        self.counts[f"lines_{verdict}"] += 1
        record = parsed.record
        at = _at(record)
        if at is not None:
            self.first_at = at if self.first_at is None else self.first_at
            self.last_at = at
        if verdict is not Verdict.DUPLICATE:
            self.threads |= threads_changed_by(self.company_id, self.source_id, record)
            if record is not None and record.operator:
                self.of_operators.append(record)
            elif isinstance(record, QueueEvent) and thread_of(record) == STARTS:
                self.starts.append(record.at)
        return {
            "company_id": self.company_id,
            "id": new_id(),
            "source_id": self.source_id,
            "file_id": file_id,
            "run_id": self.run_id,
            "number": line.number,
            "offset": line.offset,
            "raw": line.raw,
            "verdict": str(verdict),
            "reason": parsed.reason,
            "hash": digest,
            "occurrence": occurrence,
            **_ties(record, at, duplicate=verdict is Verdict.DUPLICATE),
        }


def threads_changed_by(company_id: int, source_id: uuid.UUID, record: Record | None) -> set[str]:
    """Return the threads of the calls that a new record is of, or ends."""
    thread = thread_of(record)
    if thread is None:
        return set()
    if thread == STARTS and isinstance(record, QueueEvent):
        return _up_at(company_id, source_id, record.at)
    return {thread}


def _up_at(company_id: int, source_id: uuid.UUID, at: int) -> set[str]:
    """Return the threads of the calls that were up, or had just ended, when the exchange began."""
    ended = Visit.ended_at.is_(None) & (Visit.result != "lost")
    ended |= Visit.ended_at.between(utc(at - _STOPPING_S), utc(at))
    query = (
        select(Call.native_key)
        .join(Visit, (Visit.company_id == Call.company_id) & (Visit.call_id == Call.id))
        .where(
            Visit.company_id == company_id,
            Visit.source_id == source_id,
            Visit.started_at <= utc(at),
            ended,
        )
    )
    return set(db.session.scalars(query))


def complete_cut_lines(company_id: int, source_id: uuid.UUID, run_id: uuid.UUID) -> list[Batch]:
    """Put a line together that one file ends and another begins in the middle of.

    The whole line is kept as line 0 of the second file. Returns what was kept, by format.
    """
    batches: dict[str, Batch] = {}
    for kind, pending, file_id, raw in _cut_lines(company_id, source_id):
        line = RawLine(0, 0, pending + raw, len(pending + raw) + 1, complete=True)
        parsed = parse(form_of(kind), line.raw)
        if parsed.verdict is Verdict.OK:
            batch = batches.setdefault(kind, Batch(company_id, source_id, run_id, kind))
            batch.keep(file_id, [line])
    return list(batches.values())


def _cut_lines(
    company_id: int, source_id: uuid.UUID
) -> Iterable[tuple[str, bytes, uuid.UUID, bytes]]:
    """Yield the ends of files without a line end beside the beginnings that may go on with them."""
    ends = db.session.execute(
        select(
            EvidenceFile.id, EvidenceFile.kind, EvidenceFile.pending, EvidenceFile.last_at
        ).where(
            EvidenceFile.company_id == company_id,
            EvidenceFile.source_id == source_id,
            EvidenceFile.pending != b"",
        )
    ).all()
    if not ends:
        return
    first_lines: dict[str, list[Any]] = defaultdict(list)
    line = EvidenceLine
    joined = select(line.file_id).where(
        line.company_id == company_id, line.source_id == source_id, line.number == 0
    )
    query = (
        select(line.file_id, line.raw, EvidenceFile.kind, EvidenceFile.first_at)
        .join(
            EvidenceFile,
            (EvidenceFile.company_id == line.company_id) & (EvidenceFile.id == line.file_id),
        )
        .where(
            line.company_id == company_id,
            line.source_id == source_id,
            line.number == 1,
            line.verdict.in_((Verdict.MALFORMED, Verdict.BLANK)),
            line.file_id.not_in(joined),
        )
    )
    for row in db.session.execute(query):
        first_lines[row.kind].append(row)
    for end in ends:
        for begin in first_lines[end.kind]:
            # Rows come in the order of the calls' ends: their times only have to be near.
            near = abs((begin.first_at or 0) - (end.last_at or 0)) < _NEAR_S
            if begin.file_id != end.id and near:
                yield end.kind, end.pending, begin.file_id, begin.raw


def _content(line: RawLine) -> bytes:
    return line.raw.removeprefix(BOM) if line.number == 1 else line.raw


def _at(record: Record | None) -> int | None:
    if isinstance(record, CdrRow):
        return epoch_of(record.unique_id or record.linked_id or "") or local_second(record.start)
    return record.at if record is not None else None


def _ties(record: Record | None, at: int | None, *, duplicate: bool) -> dict[str, Any]:
    """Return what ties a line to others. A duplicate row needs none; an event keeps its place."""
    ties: dict[str, Any] = dict.fromkeys(
        ("thread", "linked_thread", "channel", "peer_channel", "tag")
    )
    ties["at"] = at
    if isinstance(record, CdrRow | Told):
        if duplicate:
            return ties
        linked = record.linked_thread
        ties["thread"] = record.thread
        ties["linked_thread"] = linked if linked != record.thread else None
        if isinstance(record, CdrRow):
            ties["channel"] = record.channel[:_KEY_LENGTH] or None
            ties["peer_channel"] = record.peer_channel[:_KEY_LENGTH] or None
            ties["tag"] = record.user_field[:_KEY_LENGTH] or None
    else:
        ties["thread"] = thread_of(record)
    if record is not None and record.operator:
        ties["tag"] = tag_of(record.operator)
    return ties
