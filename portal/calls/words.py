"""The words of a source that were seen, for somebody to say what they mean."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select, tuple_, update

from portal.calls.evidence import Identity
from portal.calls.models import Offer, Visit
from portal.calls.stamping import Row, Word, chunks, words_of
from portal.database import new_id
from portal.extensions import db

_UNTOLD = {"untold": "a word that was seen is no decision; what it means is one"}
Range = tuple[dt.datetime, dt.datetime]
_COLUMNS: dict[str, list[Any]] = {
    "queue": [Visit.queue_raw],
    "agent": [Visit.agent_raw, Offer.agent_raw],
    "did": [Visit.did],
    "trunk": [Visit.trunk_raw],
}


def note_seen(
    company_id: int, source_id: uuid.UUID, visits: Iterable[Row], offers: Iterable[Row]
) -> None:
    """Make the words that are new, and note for the others since and until when they were seen."""
    seen: dict[Word, Range] = {}
    for visit in visits:
        for word in words_of(visit):
            _widen(seen, word, visit["started_at"])
    for offer in offers:
        if offer["agent_raw"]:
            _widen(seen, ("agent", offer["agent_raw"]), offer["at"])
    known = _known(company_id, source_id, seen)
    missing = [
        {
            "company_id": company_id,
            "id": new_id(),
            "source_id": source_id,
            "kind": kind,
            "raw": raw,
            "first_seen_at": seen[kind, raw][0],
            "last_seen_at": seen[kind, raw][1],
        }
        for kind, raw in sorted(seen.keys() - known.keys())
    ]
    if missing:
        db.session.execute(insert(Identity), missing, execution_options=_UNTOLD)
    for word, (identity_id, first, last) in known.items():
        begin, end = seen[word]
        if first is None or last is None or begin < first or end > last:
            db.session.execute(
                update(Identity)
                .where(Identity.company_id == company_id, Identity.id == identity_id)
                .values(
                    first_seen_at=min(begin, first or begin), last_seen_at=max(end, last or end)
                )
                .execution_options(synchronize_session=False, **_UNTOLD)
            )


def forget_unused(company_id: int, source_id: uuid.UUID, words: Iterable[Word]) -> None:
    """Take out words that no visit has any more and that nobody gave a meaning."""
    for kind, raw in sorted(words):
        used = any(
            db.session.execute(
                select(column)
                .where(
                    column.class_.company_id == company_id,
                    column.class_.source_id == source_id,
                    column == raw,
                )
                .limit(1)
            ).first()
            for column in _COLUMNS[kind]
        )
        if not used:
            db.session.execute(
                delete(Identity)
                .where(
                    Identity.company_id == company_id,
                    Identity.source_id == source_id,
                    Identity.kind == kind,
                    Identity.raw == raw,
                    Identity.project_id.is_(None),
                    Identity.queue_id.is_(None),
                    Identity.user_id.is_(None),
                    ~Identity.ignored,
                )
                .execution_options(synchronize_session=False, **_UNTOLD)
            )


def _known(
    company_id: int, source_id: uuid.UUID, seen: dict[Word, Range]
) -> dict[Word, tuple[uuid.UUID, dt.datetime | None, dt.datetime | None]]:
    found = {}
    for part in chunks(sorted(seen)):
        for kind, raw, identity_id, first, last in db.session.execute(
            select(
                Identity.kind,
                Identity.raw,
                Identity.id,
                Identity.first_seen_at,
                Identity.last_seen_at,
            ).where(
                Identity.company_id == company_id,
                Identity.source_id == source_id,
                tuple_(Identity.kind, Identity.raw).in_(part),
            )
        ):
            found[kind, raw] = (identity_id, first, last)
    return found


def _widen(seen: dict[Word, Range], word: Word, at: dt.datetime) -> None:
    begin, end = seen.get(word, (at, at))
    seen[word] = min(begin, at), max(end, at)
