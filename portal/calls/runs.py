"""A run at work: building what new lines change, and counting it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Select, null, select, update

from portal.calls.builders import events_of
from portal.calls.built import utc
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.evidence_lines import Batch
from portal.calls.gathering import Gathering
from portal.calls.rebuilding import rebuild
from portal.calls.sources.layout import TableFormat
from portal.calls.stamping import chunks
from portal.calls.words import words_of_event
from portal.extensions import db
from portal.planning import plan_anew
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import Touched
from portal.statuses.building import SILENCE_S

# Agents whose time is built at once.
_TOGETHER = 2


class Building:
    """Builds calls, and what operators did, for one run. Commits nothing."""

    def __init__(self, run: ImportRun) -> None:
        self.run_id, self.company_id, self.source_id = run.id, run.company_id, run.source_id
        self.zone = ZoneInfo(self.source().timezone)

    def build(self, batch: Batch, *, to_the_end: bool = False) -> None:
        """Build what the new lines of a batch change.

        The rows of a table need not be in order of time: what operators did by them is built when
        all are read, else each batch would build months anew. ``to_the_end``: let what operators
        are doing last until the newest line.
        """
        touched, seen = Touched(), set()
        for event in events_of(batch.of_operators):
            touched.word(self.source_id, event.operator or "", event.at)
            seen |= {(word, utc(event.at)) for word in words_of_event(event)}
        for at in batch.starts:
            touched.online_at(self.company_id, at, SILENCE_S)
        if batch.threads or seen:
            gathering = Gathering(self.company_id, self.source_id, self.zone, batch.records)
            built = rebuild(gathering, batch.threads, seen)
            self.count(calls_new=built.new, calls_changed=built.changed)
            touched.visits(built.visits)
        if isinstance(batch.form, TableFormat):
            self._build_later(touched)
            touched = Touched()
        if to_the_end:
            touched.still_online(self.company_id)
        statuses.rebuild(self.company_id, touched)

    def _build_later(self, touched: Touched) -> None:
        mine = (ImportRun.company_id == self.company_id, ImportRun.id == self.run_id)
        noted = db.session.scalar(select(ImportRun.touched).where(*mine)) or {}
        for agent, stretch in noted.items():
            touched.word(self.source_id, agent, *stretch)
        self.set(touched={agent: stretch for (_, agent), stretch in touched.words.items()})

    def build_touched(self) -> Iterator[None]:
        """Build what operators did by rows of tables, a few of them in each step."""
        mine = (ImportRun.company_id == self.company_id, ImportRun.source_id == self.source_id)
        query = select(ImportRun.id, ImportRun.touched).where(*mine, ImportRun.touched.is_not(None))
        for run_id, noted in db.session.execute(query).all():
            for part in chunks(sorted(noted), _TOGETHER):
                touched = Touched()
                for agent in part:
                    touched.word(self.source_id, agent, *noted.pop(agent))
                statuses.rebuild(self.company_id, touched)
                self.set(run_id, touched=noted or null())
                yield

    def go_on_with_statuses(self) -> None:
        """Let what operators are doing last until the newest line."""
        touched = Touched()
        touched.still_online(self.company_id)
        statuses.rebuild(self.company_id, touched)

    def source(self) -> CallSource:
        return db.session.scalars(self._own_source()).one()

    def hold(self) -> CallSource:
        """Return the source; nobody else imports into it until the commit."""
        plan_anew()
        return db.session.scalars(self._own_source().with_for_update()).one()

    def count(self, **counts: int) -> None:
        self.set(**{name: getattr(ImportRun, name) + n for name, n in counts.items() if n})

    def set(self, run_id: uuid.UUID | None = None, **values: object) -> None:
        run_id = run_id or self.run_id
        if values:
            db.session.execute(
                update(ImportRun)
                .where(ImportRun.company_id == self.company_id, ImportRun.id == run_id)
                .values(**values)
                .execution_options(synchronize_session=False)
            )

    def _own_source(self) -> Select[CallSource]:
        return select(CallSource).where(
            CallSource.company_id == self.company_id, CallSource.id == self.source_id
        )
