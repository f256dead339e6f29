"""Whose time has to be built anew: operators by all their words, and words that are nobody's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from portal.calls.built import utc
from portal.calls.evidence import CallRule, Identity
from portal.calls.identifiers import stable_id
from portal.calls.patterns import pattern
from portal.calls.said import Said
from portal.calls.stamping import Row, chunks, meanings
from portal.extensions import db
from portal.members.models import User
from portal.statuses.models import OperatorStatus, Presence

Word = tuple[uuid.UUID, str]  # the source, and what it calls an agent
Stretch = tuple[int, int]
EVER: Stretch = (0, 2**40)


@dataclass
class Touched:
    """Of which agents something new is known, and from when to when."""

    words: dict[Word, Stretch] = field(default_factory=dict)
    operators: dict[uuid.UUID, Stretch] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.words or self.operators)

    def word(self, source_id: uuid.UUID, agent: str, *stretch: int) -> None:
        _widen(self.words, (source_id, agent), stretch)

    def operator(self, operator_id: uuid.UUID, *stretch: int) -> None:
        _widen(self.operators, operator_id, stretch)

    def visits(self, rows: Iterable[Row]) -> None:
        """Note who talked in visits that came, went or changed."""
        for row in rows:
            if row["agent_raw"] and row["answered_at"]:
                start = int(row["answered_at"].timestamp())
                end = int(row["ended_at"].timestamp()) if row["ended_at"] else start
                self.word(row["source_id"], row["agent_raw"], start, end + (row["talk_s"] or 0))

    def online_at(self, company_id: int, at: int, silence: int) -> None:
        """Note who was online, or not known to have left, when an exchange started."""
        here = OperatorStatus.starts_at.between(utc(at - 7 * silence), utc(at))
        self._online(company_id, here, OperatorStatus.ends_at >= utc(at - silence))

    def still_online(self, company_id: int) -> None:
        """Note whose end was not seen yet."""
        # Grouped, so that no database looks through all presences for each status.
        online = (
            select(Presence.agent_id, func.min(Presence.starts_at).label("since"))
            .where(Presence.company_id == company_id, Presence.going_on)
            .group_by(Presence.agent_id)
            .subquery()
        )
        mine = OperatorStatus.agent_id == online.c.agent_id
        self._online(company_id, mine, OperatorStatus.starts_at >= online.c.since)

    def _online(self, company_id: int, *conditions: Any) -> None:
        query = select(
            OperatorStatus.operator_id,
            OperatorStatus.source_id,
            OperatorStatus.agent_raw,
            OperatorStatus.starts_at,
        ).where(OperatorStatus.company_id == company_id, *conditions)
        for operator_id, source_id, agent_raw, starts_at in db.session.execute(query):
            at = int(starts_at.timestamp())
            if operator_id:
                self.operator(operator_id, at)
            elif source_id and agent_raw:
                self.word(source_id, agent_raw, at)


def _widen(stretches: dict[Any, Stretch], key: Any, more: Iterable[int]) -> None:
    times = [*stretches.get(key, ()), *more]
    stretches[key] = (min(times), max(times))


@dataclass
class Agent:
    """One operator with all words for them, and when; or one word while it means nobody."""

    id: uuid.UUID
    operator_id: uuid.UUID | None
    words: dict[Word, list[Stretch]]
    first: int
    last: int


def agent_id(source_id: uuid.UUID, agent: str) -> uuid.UUID:
    return stable_id(0, "agent", source_id.hex, agent)


def resolved(company_id: int, touched: Touched) -> list[Agent]:
    """Return whom the words mean now; nobody else changes them until this transaction is over."""
    stretches = dict(touched.operators)
    agents = []
    for word, meant in _meant(company_id, touched.words).items():
        stretch = touched.words[word]
        for operator_id in meant.keys() - {None}:
            _widen(stretches, operator_id, stretch)
        if None in meant or stretch == EVER:  # what it was while it meant nobody is taken out
            own = {word: meant[None]} if None in meant else {}
            agents.append(Agent(agent_id(*word), None, own, *stretch))
    words = _words_of(company_id, stretches)
    _lock(company_id, stretches)
    for operator_id, stretch in sorted(stretches.items()):
        agents.append(Agent(operator_id, operator_id, words.get(operator_id, {}), *stretch))
    return agents


def _meant(
    company_id: int, words: Iterable[Word]
) -> dict[Word, dict[uuid.UUID | None, list[Stretch]]]:
    """Return whom each of the words means, and when."""
    by_source: dict[uuid.UUID, list[str]] = defaultdict(list)
    for source_id, raw in words:
        by_source[source_id].append(raw)
    found = {}
    for source_id, raws in by_source.items():
        known = meanings(company_id, source_id, [("agent", raw) for raw in raws])
        for raw in raws:
            meant: dict[uuid.UUID | None, list[Stretch]] = defaultdict(list)
            for span in known.spans("agent", raw):
                meant[span.meaning.user_id].append((_epoch(span.since), _epoch(span.until)))
            found[source_id, raw] = meant
    return found


def _epoch(at: dt.datetime) -> int:
    return min(max(int(at.timestamp()), EVER[0]), EVER[1])


def _words_of(
    company_id: int, operators: Iterable[uuid.UUID]
) -> dict[uuid.UUID, dict[Word, list[Stretch]]]:
    """Return the words that mean the operators at any time, and when they do."""
    candidates: set[Word] = set()
    for part in chunks(sorted(operators)):
        own = select(Identity.source_id, Identity.raw).where(
            Identity.company_id == company_id,
            Identity.kind == "agent",
            Identity.user_id.in_(part),
        )
        candidates |= {(source_id, raw) for source_id, raw in db.session.execute(own)}
        rules = select(CallRule.source_id, CallRule.pattern).where(
            CallRule.company_id == company_id,
            CallRule.kind == "agent",
            CallRule.user_id.in_(part),
        )
        for source_id, text in db.session.execute(rules).all():
            covered = Said(company_id, source_id, "agent", pattern(text)).words()
            candidates |= {(source_id, raw) for raw in covered}
    words: dict[uuid.UUID, dict[Word, list[Stretch]]] = defaultdict(dict)
    for word, meant in _meant(company_id, candidates).items():
        for operator_id, stretches in meant.items():
            if operator_id is not None:
                words[operator_id][word] = stretches
    return words


def _lock(company_id: int, operators: Iterable[uuid.UUID]) -> None:
    """Keep imports of other sources, which may know the same people, from building them too."""
    for part in chunks(sorted(operators)):
        db.session.execute(
            select(User.id)
            .where(User.company_id == company_id, User.id.in_(part))
            .order_by(User.id)
            .with_for_update(key_share=True)
        )
