"""Reading what was kept of a source in its new time zone, after the zone was changed.

Rows of a table of events name no zone: they are kept with that of the source, which tells the
second by which they are known again. Until all that are there have been read again, what comes is
told in the zone in which they were: else two looks would bring the same events as different ones.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal.calls import words
from portal.calls.built import utc
from portal.calls.evidence import CallSource, EvidenceFile, EvidenceLine, Identity
from portal.calls.gathering import STARTS, Gathering
from portal.calls.rebuilding import rebuild
from portal.calls.sources import asterisk_queue_log_row as event_rows
from portal.calls.sources.records import QueueEvent
from portal.calls.sources.rows import canonical, fields_of
from portal.calls.stamping import chunks
from portal.extensions import db
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import EVER, Touched
from portal.wall.scope import unscoped

_LINES, _AGENTS = 1000, 2  # at once
_UNFLUSHED = {"synchronize_session": False}


def zone_of_rows(source: CallSource) -> ZoneInfo:
    """Return the zone in which rows of a table have to be told now."""
    line, file = EvidenceLine, EvidenceFile
    newest = (
        select(line.raw)
        .join(file, (file.company_id == line.company_id) & (file.id == line.file_id))
        .where(*_of_tables(source), line.number == file.lines)
    )
    told = (fields_of(raw) or {} for raw in db.session.scalars(newest))
    zones = [fields["zone"] for fields in told if "zone" in fields]
    return ZoneInfo(next((zone for zone in zones if zone != source.timezone), source.timezone))


def _of_tables(source: CallSource) -> tuple[Any, ...]:
    """Return conditions: the files that rows of events are kept in."""
    own = (EvidenceFile.company_id == source.company_id, EvidenceFile.source_id == source.id)
    return (*own, EvidenceFile.kind == event_rows.KIND, EvidenceFile.position != "")


def rezone(company_id: int, source_id: uuid.UUID, report: Callable[[int, int], None]) -> None:
    """Read everything of a source in its zone again; ``report``: how many lines, of how many.

    ``report`` commits. What was interrupted is begun again, and finds what is done.
    """
    with unscoped("calls are of every project, and of none"):
        source = db.session.get_one(CallSource, (company_id, source_id))
        zone = ZoneInfo(source.timezone)
        own = (EvidenceFile.company_id == company_id, EvidenceFile.source_id == source_id)
        files = db.session.execute(select(EvidenceFile.id, EvidenceFile.lines).where(*own)).all()
        total, done = sum(lines for _, lines in files), 0
        for file_id in db.session.scalars(select(EvidenceFile.id).where(*_of_tables(source))).all():
            for page in _pages(company_id, file_id):
                _read_again(company_id, source_id, zone, page)
                report(0, total)
            _set_times(company_id, file_id)
        for file_id, _ in files:
            for page in _pages(company_id, file_id):
                threads = {line.thread for line in page} - {None, STARTS}
                rebuild(Gathering(company_id, source_id, zone), threads)
                report(done := done + len(page), total)
        for touched in _operators(company_id, source_id):
            statuses.rebuild(company_id, touched)
            report(total, total)


def _pages(company_id: int, file_id: uuid.UUID) -> Iterator[Sequence[Any]]:
    """Yield the lines of a file, some at a time; those in between may be committed."""
    line = EvidenceLine
    query = (
        select(line.id, line.number, line.raw, line.thread)
        .where(line.company_id == company_id, line.file_id == file_id)
        .order_by(line.number)
        .limit(_LINES)
    )
    page = db.session.execute(query).all()
    while page:
        yield page
        page = db.session.execute(query.where(line.number > page[-1].number)).all()


def _read_again(
    company_id: int, source_id: uuid.UUID, zone: ZoneInfo, lines: Iterable[Any]
) -> None:
    """Say of rows of events in which zone they are, and when that was."""
    rows, seen = [], set()
    for line in lines:
        fields = json.loads(line.raw) if line.raw else {}  # emptied, when its time was over
        if fields.get("zone", zone.key) == zone.key:
            continue
        raw = canonical(fields | {"zone": zone.key})
        parsed = event_rows.parse(raw)
        event = parsed.record if isinstance(parsed.record, QueueEvent) else None
        row = {"company_id": company_id, "id": line.id, "raw": raw, "hash": parsed.digest(raw)}
        rows.append(row | {"at": event.at if event else None})
        if event and event.operator:
            seen |= {(word, utc(event.at)) for word in words.words_of_event(event)}
    if rows:
        db.session.execute(update(EvidenceLine), rows, execution_options=_UNFLUSHED)
        words.note(company_id, source_id, set(), seen)


def _set_times(company_id: int, file_id: uuid.UUID) -> None:
    line, file = EvidenceLine, EvidenceFile
    own = (line.company_id == company_id, line.file_id == file_id)
    first, last = db.session.execute(select(func.min(line.at), func.max(line.at)).where(*own)).one()
    db.session.execute(
        update(file)
        .where(file.company_id == company_id, file.id == file_id)
        .values(first_at=first, last_at=last)
        .execution_options(**_UNFLUSHED)
    )


def _operators(company_id: int, source_id: uuid.UUID) -> Iterator[Touched]:
    query = select(Identity.raw).where(
        Identity.company_id == company_id, Identity.source_id == source_id, Identity.kind == "agent"
    )
    for part in chunks(sorted(db.session.scalars(query)), _AGENTS):
        touched = Touched()
        for agent in part:
            touched.word(source_id, agent, *EVER)
        yield touched
