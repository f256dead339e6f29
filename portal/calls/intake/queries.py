"""What is asked of sources, runs and their lines. The wall filters by itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from portal.calls.evidence import CallSource, EvidenceFile, EvidenceLine, Identity, ImportRun
from portal.calls.gathering import Gathering
from portal.calls.models import Call, Visit
from portal.calls.receiving.models import Delivery
from portal.calls.sources.records import text_of
from portal.database import name_key
from portal.extensions import db
from portal.jobs.queries import job_about
from portal.members.models import User

PAGE = 50
MOST_LINES = 500  # of one call
FAULTY = ("malformed", "unknown")
# Written into the statement: SQLite uses a partial index for values that it knows beforehand.
_FAULTY: Any = bindparam("faulty", FAULTY, expanding=True, literal_execute=True)

# The id, in a form by which no index is ordered: SQLite would walk all lines in that order instead
# of looking up the few that it then sorts.
_place = func.coalesce(EvidenceLine.id, EvidenceLine.run_id)


@dataclass(frozen=True)
class SourceRow:
    """One source in the list: its calls, its last run, and its names without a meaning."""

    source: CallSource
    calls: int
    last: ImportRun | None
    unmapped: int


@dataclass(frozen=True)
class RunRow:
    """One run and who began it; nobody: the command line."""

    run: ImportRun
    by: str | None


@dataclass(frozen=True)
class Line:
    """A line that could not be read, or says something unknown."""

    id: uuid.UUID
    file: str
    number: int
    verdict: str
    reason: str
    text: str


def sources(kinds: tuple[str, ...]) -> list[SourceRow]:
    """Return all sources by name; names of other ``kinds`` than these need no meaning."""
    calls = _counts(select(Call.source_id, func.count(Call.id)).group_by(Call.source_id))
    unmapped = _counts(
        select(Identity.source_id, func.count(Identity.id))
        .where(unmapped_names(), Identity.kind.in_(kinds))
        .group_by(Identity.source_id)
    )
    query = select(CallSource).order_by(CallSource.name_key, CallSource.id)
    return [
        SourceRow(source, calls.get(source.id, 0), _last_run(source), unmapped.get(source.id, 0))
        for source in db.session.scalars(query)
    ]


def unmapped_count(source_id: uuid.UUID, kinds: tuple[str, ...]) -> dict[str, int]:
    """Return by kind how many names of a source have no meaning."""
    return _counts(
        select(Identity.kind, func.count(Identity.id))
        .where(unmapped_names(), Identity.source_id == source_id, Identity.kind.in_(kinds))
        .group_by(Identity.kind)
    )


def unmapped_names() -> Any:
    return (
        Identity.queue_id.is_(None)
        & Identity.dialer_id.is_(None)
        & Identity.user_id.is_(None)
        & Identity.scenario_id.is_(None)
        & Identity.provider_id.is_(None)
        & Identity.project_id.is_(None)
        & Identity.ignored.is_(False)
        & Identity.ruled.is_(False)
    )


def is_taken(name: str, besides: uuid.UUID) -> bool:
    query = select(CallSource.id).where(
        CallSource.name_key == name_key(name), CallSource.id != besides
    )
    return db.session.scalars(query).first() is not None


def deliveries_waiting(source: CallSource) -> int:
    """Return how many of the bodies that were sent no worker has read yet."""
    query = select(func.count(Delivery.id)).where(Delivery.source_id == source.id)
    return db.session.scalar(query) or 0


def runs(source: CallSource, before: uuid.UUID | None = None) -> list[RunRow]:
    """Return up to ``PAGE + 1`` runs of a source, the newest first, older than ``before``."""
    query = (
        select(ImportRun)
        .options(joinedload(ImportRun.by))
        .where(ImportRun.source_id == source.id)
        .order_by(ImportRun.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(ImportRun.id < before)
    return [RunRow(run, run.by.name if run.by else None) for run in db.session.scalars(query)]


def state_of(run: ImportRun) -> str:
    """Return the state of a run; one that nobody is at work on any more is ``stopped``."""
    if run.state == "done":
        return "done"
    job = job_about(run.id)
    if job is not None and job.is_open:
        return job.state
    return "stopped" if run.state == "running" else run.state


def lines(run: ImportRun, verdict: str = "", after: uuid.UUID | None = None) -> list[Line]:
    """Return up to ``PAGE + 1`` faulty lines of a run behind the line ``after``."""
    query = _faulty(run).limit(PAGE + 1)
    if verdict:
        query = query.where(EvidenceLine.verdict == verdict)
    if after is not None:
        query = query.where(_place > after)
    return [_line(row) for row in db.session.execute(query)]


def every_line(run: ImportRun) -> Iterator[Line]:
    """Give all faulty lines of a run, however many; ``run`` itself need not live that long."""
    query = _faulty(run).execution_options(yield_per=500)
    return (_line(row) for row in _executed(query))


def _executed(query: Any) -> Iterator[Any]:
    """Execute a query when its first row is asked for."""
    yield from db.session.execute(query)


def lines_of(visit: Visit) -> list[Line]:
    """Return the lines of the call of a visit, file by file; forgotten ones are empty."""
    call = db.session.get_one(Call, (visit.company_id, visit.call_id))
    source = db.session.get_one(CallSource, (visit.company_id, visit.source_id))
    gathering = Gathering(source.company_id, source.id, ZoneInfo(source.timezone))
    threads = gathering.calls_of([call.native_key]).threads
    line = EvidenceLine
    query = (
        select(line.id, EvidenceFile.name, line.number, line.verdict, line.reason, line.raw)
        .join(
            EvidenceFile,
            (EvidenceFile.company_id == line.company_id) & (EvidenceFile.id == line.file_id),
        )
        .where(line.source_id == source.id, line.thread.in_(sorted(threads)))
        .order_by(EvidenceFile.first_at, line.file_id, line.number)
        .limit(MOST_LINES)
    )
    return [_line(row) for row in db.session.execute(query)]


def person(user_id: uuid.UUID | None) -> User | None:
    return db.session.scalars(select(User).where(User.id == user_id)).first() if user_id else None


def _faulty(run: ImportRun) -> Any:
    line = EvidenceLine
    return (
        select(line.id, EvidenceFile.name, line.number, line.verdict, line.reason, line.raw)
        .join(
            EvidenceFile,
            (EvidenceFile.company_id == line.company_id) & (EvidenceFile.id == line.file_id),
        )
        .where(line.source_id == run.source_id, line.run_id == run.id, line.verdict.in_(_FAULTY))
        .order_by(_place)
    )


def _line(row: Any) -> Line:
    return Line(row.id, row.name, row.number, row.verdict, row.reason, text_of(row.raw))


def _last_run(source: CallSource) -> ImportRun | None:
    query = select(ImportRun).where(ImportRun.source_id == source.id)
    return db.session.scalars(query.order_by(ImportRun.id.desc()).limit(1)).first()


def _counts(query: Any) -> dict[Any, int]:
    return dict(db.session.execute(query).all())
