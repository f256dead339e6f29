"""The words of a source that were seen, for somebody to say what they mean."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_, update

from portal.calls.built import utc
from portal.calls.evidence import EvidenceLine, Identity
from portal.calls.gathering import tag_of
from portal.calls.models import Offer, ScenarioStep, Visit
from portal.calls.rules import Rules, rules_of
from portal.calls.sources.records import QueueEvent
from portal.calls.stamping import WORD_LENGTH, WORDS, Row, Word, chunks, words_of
from portal.database import new_id
from portal.extensions import db

_UNTOLD = {"untold": "a word that was seen is no decision; what it means is one"}
Range = tuple[dt.datetime, dt.datetime]
# Where a word of a kind stands, beside the time at which it was said.
_COLUMNS: dict[str, list[tuple[Any, Any]]] = {
    kind: [(getattr(Visit, column), Visit.started_at)] for kind, column in WORDS
}
_COLUMNS["agent"].append((Offer.agent_raw, Offer.at))
_COLUMNS["scenario"] = [(ScenarioStep.scenario_raw, ScenarioStep.started_at)]
Sighting = tuple[Word, dt.datetime]


def sightings(visits: Iterable[Row], offers: Iterable[Row], steps: Iterable[Row]) -> set[Sighting]:
    """Return the words of some visits, offers and steps, and when they were said."""
    seen = {(word, visit["started_at"]) for visit in visits for word in words_of(visit)}
    seen |= {(("agent", o["agent_raw"]), o["at"]) for o in offers if o["agent_raw"]}
    return seen | {(("scenario", step["scenario_raw"]), step["started_at"]) for step in steps}


def words_of_event(event: QueueEvent) -> set[Word]:
    """Return the words of what an operator did: theirs, and that of the queue if it was one."""
    named = {(event.kind, event.queue[:WORD_LENGTH])} if event.queue not in ("", "NONE") else set()
    return named | {("agent", event.operator or "")}


def note(
    company_id: int, source_id: uuid.UUID, before: set[Sighting], after: set[Sighting]
) -> None:
    """Keep the words up to date with a change of visits: which there are, and since and until when.

    A word that no visit has any more is taken out, unless somebody gave it a meaning.
    """
    came: dict[Word, Range] = {}
    for word, at in after - before:
        begin, end = came.get(word, (at, at))
        came[word] = min(begin, at), max(end, at)
    went: dict[Word, set[dt.datetime]] = {}
    for word, at in before - after:
        went.setdefault(word, set()).add(at)
    known = _known(company_id, source_id, came.keys() | went.keys())
    _insert(company_id, source_id, {word: came[word] for word in came.keys() - known.keys()})
    wider = []
    for word, (identity_id, first, last) in known.items():
        if went.get(word, set()) & {first, last}:
            _look_again(company_id, source_id, word, identity_id)
        elif word in came:
            begin, end = came[word]
            if first is None or last is None or begin < first or end > last:
                seen = {
                    "first_seen_at": min(begin, first or begin),
                    "last_seen_at": max(end, last or end),
                }
                wider.append({"company_id": company_id, "id": identity_id, **seen})
    if wider:
        db.session.execute(update(Identity), wider, execution_options=_UNTOLD)


def _insert(company_id: int, source_id: uuid.UUID, words: dict[Word, Range]) -> None:
    rules = rules_of(company_id, source_id) if words else Rules()
    rows = [
        {
            "company_id": company_id,
            "id": new_id(),
            "source_id": source_id,
            "kind": kind,
            "raw": raw,
            "first_seen_at": words[kind, raw][0],
            "last_seen_at": words[kind, raw][1],
            "ruled": rules.cover(kind, raw),
        }
        for kind, raw in sorted(words)
    ]
    if rows:
        db.session.execute(insert(Identity), rows, execution_options=_UNTOLD)


def note_rules(company_id: int, source_id: uuid.UUID, kind: str) -> None:
    """Note of each word of a kind whether a rule covers it now."""
    rules = rules_of(company_id, source_id)
    query = select(Identity.id, Identity.raw, Identity.ruled).where(
        Identity.company_id == company_id, Identity.source_id == source_id, Identity.kind == kind
    )
    known = db.session.execute(query).all()
    for ruled in (True, False):
        other = [
            one.id
            for one in known
            if one.ruled is not ruled and rules.cover(kind, one.raw) is ruled
        ]
        for part in chunks(other):
            db.session.execute(
                update(Identity)
                .where(Identity.company_id == company_id, Identity.id.in_(part))
                .values(ruled=ruled)
                .execution_options(synchronize_session=False, **_UNTOLD)
            )


def _look_again(company_id: int, source_id: uuid.UUID, word: Word, identity_id: uuid.UUID) -> None:
    """Find out since and until when a word is seen, after its first or last sighting went."""
    kind, raw = word
    ranges = [
        db.session.execute(
            select(func.min(time), func.max(time)).where(
                column.class_.company_id == company_id,
                column.class_.source_id == source_id,
                column == raw,
            )
        ).one()
        for column, time in _COLUMNS[kind]
    ]
    seen = [(first, last) for first, last in ranges if first is not None]
    if kind == "agent":
        seen += _between_calls(company_id, source_id, raw)
    if seen:
        _set(
            company_id,
            identity_id,
            min(first for first, _ in seen),
            max(last for _, last in seen),
        )
        return
    _set(company_id, identity_id, None, None)
    db.session.execute(
        delete(Identity)
        .where(
            Identity.company_id == company_id,
            Identity.id == identity_id,
            Identity.project_id.is_(None),
            Identity.queue_id.is_(None),
            Identity.dialer_id.is_(None),
            Identity.user_id.is_(None),
            Identity.scenario_id.is_(None),
            Identity.provider_id.is_(None),
            ~Identity.ignored,
        )
        .execution_options(synchronize_session=False, **_UNTOLD)
    )


def _between_calls(company_id: int, source_id: uuid.UUID, agent: str) -> list[Range]:
    """Return since and until when an operator did something that belongs to no call."""
    query = select(func.min(EvidenceLine.at), func.max(EvidenceLine.at)).where(
        EvidenceLine.company_id == company_id,
        EvidenceLine.source_id == source_id,
        EvidenceLine.tag == tag_of(agent),
    )
    first, last = db.session.execute(query).one()
    return [] if first is None or last is None else [(utc(first), utc(last))]


def _set(
    company_id: int, identity_id: uuid.UUID, first: dt.datetime | None, last: dt.datetime | None
) -> None:
    db.session.execute(
        update(Identity)
        .where(Identity.company_id == company_id, Identity.id == identity_id)
        .values(first_seen_at=first, last_seen_at=last)
        .execution_options(synchronize_session=False, **_UNTOLD)
    )


def _known(
    company_id: int, source_id: uuid.UUID, words: Iterable[Word]
) -> dict[Word, tuple[uuid.UUID, dt.datetime | None, dt.datetime | None]]:
    found = {}
    columns = (
        Identity.kind,
        Identity.raw,
        Identity.id,
        Identity.first_seen_at,
        Identity.last_seen_at,
    )
    for part in chunks(sorted(words)):
        query = select(*columns).where(
            Identity.company_id == company_id,
            Identity.source_id == source_id,
            tuple_(Identity.kind, Identity.raw).in_(part),
        )
        for kind, raw, identity_id, first, last in db.session.execute(query):
            found[kind, raw] = (identity_id, first, last)
    return found
