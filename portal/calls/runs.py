"""A run at work: building what new lines change, and counting it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update

from portal.calls.built import utc
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.evidence_lines import Batch
from portal.calls.rebuilding import rebuild
from portal.calls.words import words_of_event
from portal.extensions import db
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import Touched
from portal.statuses.building import SILENCE_S


class Building:
    """Builds calls, and what operators did, for one run. Commits nothing."""

    def __init__(self, run: ImportRun) -> None:
        self.run_id, self.company_id, self.source_id = run.id, run.company_id, run.source_id
        self.zone = ZoneInfo(self.source().timezone)

    def build(self, batch: Batch) -> None:
        """Build what the new lines of a batch change."""
        touched, seen = Touched(), set()
        for event in batch.of_operators:
            touched.word(self.source_id, event.operator or "", event.at)
            seen |= {(word, utc(event.at)) for word in words_of_event(event)}
        for at in batch.starts:
            touched.online_at(self.company_id, at, SILENCE_S)
        if batch.threads or seen:
            built = rebuild(self.company_id, self.source_id, self.zone, batch.threads, seen)
            self.count(calls_new=built.new, calls_changed=built.changed)
            touched.visits(built.visits)
        statuses.rebuild(self.company_id, touched)

    def go_on_with_statuses(self) -> None:
        """Let what operators are doing last until the newest line."""
        touched = Touched()
        touched.still_online(self.company_id)
        statuses.rebuild(self.company_id, touched)

    def source(self) -> CallSource:
        return db.session.scalars(self._own_source()).one()

    def hold(self) -> CallSource:
        """Return the source; nobody else imports into it until the commit."""
        return db.session.scalars(self._own_source().with_for_update()).one()

    def count(self, **counts: int) -> None:
        self.set(**{name: getattr(ImportRun, name) + n for name, n in counts.items() if n})

    def set(self, **values: object) -> None:
        if values:
            db.session.execute(
                update(ImportRun)
                .where(ImportRun.company_id == self.company_id, ImportRun.id == self.run_id)
                .values(**values)
                .execution_options(synchronize_session=False)
            )

    def _own_source(self) -> Select[CallSource]:
        return select(CallSource).where(
            CallSource.company_id == self.company_id, CallSource.id == self.source_id
        )
