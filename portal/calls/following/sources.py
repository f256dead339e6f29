"""Looking at one source: what was sent to it, its files, its database."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError

from portal import sealing
from portal.calls.evidence import CallSource
from portal.calls.following import files, polling
from portal.calls.following.tables import Tables
from portal.calls.receiving import reading
from portal.calls.receiving.models import Delivery
from portal.calls.rezoning import zone_of_rows
from portal.calls.turns import turn_if_free
from portal.connections import only_reading
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.wall.scope import unscoped

_EVERY_S = 2.0  # between two looks at a source
_SHOWN_S = 30  # so old at most is what a page says of when a worker last looked
_PAUSE_S = 10  # after something was wrong
_UNTOLD = {"untold": "that a source was looked at is no decision", "synchronize_session": False}


@dataclass
class Follower:
    """Looks at one source again and again, and remembers what it has seen of it."""

    company_id: int
    source_id: uuid.UUID
    files: files.Seen = field(default_factory=files.Seen)
    tables: Tables | None = None
    due: float = 0.0
    error: str = ""  # what the last look found to be wrong

    def look(self) -> bool:
        """Take in what is new; tell whether there was anything. Commits as it goes."""
        self.due = time.monotonic()
        try:
            with unscoped("calls come for every project, and for none"):
                source, sent = self._state()
                self.due += _EVERY_S
                with turn_if_free(self.source_id) as mine:
                    found = mine and self._take(source, sent)
                if mine or not source.error:  # whoever has the turn knows better
                    self._note(source, found)
        except OperationalError:
            raise  # the portal's own database is away
        except Exception as error:  # noqa: BLE001  # one source must not end the following of all
            self._fail(error)
            return False
        return found

    def _state(self) -> tuple[CallSource, bool]:
        """Return the source as it is, and whether something was sent to it. Holds nobody up."""
        with only_reading():
            source = self._source()
            own = (Delivery.company_id == self.company_id, Delivery.source_id == self.source_id)
            sent = db.session.scalars(select(Delivery.id).where(*own).limit(1)).first()
            db.session.expunge(source)
        return source, sent is not None

    def _take(self, source: CallSource, sent: bool) -> bool:
        found = sent
        while sent:
            sent = reading.read(source) > 0
            db.session.commit()
        found |= self.files.take(source)
        if tables := self._tables(source):
            found |= polling.take(tables, source)
        return found

    def _tables(self, source: CallSource) -> Tables | None:
        """Return the tables of the source's database, which remember what has been seen of them."""
        secret = source.database_secret
        address = sealing.opened(secret) if secret is not None else ""
        wanted = (address, source.overlap_s, zone_of_rows(source))
        known = self.tables
        if known is not None and (known.url, known.overlap_s, known.zone) != wanted:
            known.close()
            self.tables = None
        if address and self.tables is None:
            self.tables = Tables(*wanted)
        return self.tables

    def _source(self) -> CallSource:
        return db.session.get_one(CallSource, (self.company_id, self.source_id))

    def _note(self, source: CallSource, found: bool) -> None:
        """Say on the source that all is well, or which of its files are not.

        Not at every look, else there would be no rest.
        """
        now, looked = utcnow(), source.looked_at
        fresh = looked is not None and now - looked < dt.timedelta(seconds=_SHOWN_S)
        values = {"last_data_at": now} if found else {}
        self.error = error = next(iter(self.files.faults.values()), "")[:500]
        if found or not fresh or source.error != error:
            since = (source.error_since or now) if error else None
            self._set(looked_at=now, error=error, error_since=since, **values)

    def _fail(self, error: Exception) -> None:
        """Say on the source what is wrong, and since when; look again after a while."""
        db.session.rollback()
        if not isinstance(error, RefusedError | OSError):
            current_app.logger.exception("source %s could not be followed", self.source_id)
        self.due = time.monotonic() + _PAUSE_S
        said = error.message if isinstance(error, RefusedError) else str(error)
        with unscoped("calls come for every project, and for none"):
            since = self._source().error_since or utcnow()
            self.error = said[:500] or type(error).__name__
            self._set(error=self.error, error_since=since)

    def _set(self, **values: object) -> None:
        db.session.execute(
            update(CallSource)
            .where(CallSource.company_id == self.company_id, CallSource.id == self.source_id)
            .values(**values)
            .execution_options(**_UNTOLD)
        )
        db.session.commit()


def to_follow() -> list[tuple[int, uuid.UUID]]:
    """Return the sources at which there is something to look."""
    sent = select(Delivery.id).where(
        Delivery.company_id == CallSource.company_id, Delivery.source_id == CallSource.id
    )
    with unscoped("a worker works for every company"), only_reading():
        query = select(CallSource.company_id, CallSource.id).where(
            or_(CallSource.paths != "", CallSource.database_secret.is_not(None), sent.exists())
        )
        return [(row[0], row[1]) for row in db.session.execute(query)]
