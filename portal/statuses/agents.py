"""Whose time has to be built anew: operators by all their words, and words that are nobody's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, tuple_

from portal.calls.built import utc
from portal.calls.evidence import Identity
from portal.calls.identifiers import stable_id
from portal.calls.stamping import Row, chunks
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
        self._online(
            company_id,
            Presence.company_id == company_id,
            Presence.going_on,
            Presence.agent_id == OperatorStatus.agent_id,
            Presence.starts_at <= OperatorStatus.starts_at,
        )

    def _online(self, company_id: int, *conditions: Any) -> None:
        query = (
            select(
                OperatorStatus.operator_id,
                OperatorStatus.source_id,
                OperatorStatus.agent_raw,
                OperatorStatus.starts_at,
            )
            .where(OperatorStatus.company_id == company_id, *conditions)
            .order_by(OperatorStatus.starts_at)
        )
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
    """One operator with all words for them; or one word that is mapped to nobody."""

    id: uuid.UUID
    operator_id: uuid.UUID | None
    words: set[Word]
    first: int
    last: int


def agent_id(source_id: uuid.UUID, agent: str) -> uuid.UUID:
    return stable_id(0, "agent", source_id.hex, agent)


def resolved(company_id: int, touched: Touched) -> list[Agent]:
    """Return whom the words mean now; nobody else changes them until this transaction is over."""
    meant = _meant(company_id, touched.words)
    stretches = dict(touched.operators)
    agents = []
    for word, stretch in touched.words.items():
        if word in meant:
            _widen(stretches, meant[word], stretch)
        if word not in meant or stretch == EVER:  # what it was while it meant nobody is taken out
            own = set() if word in meant else {word}
            agents.append(Agent(agent_id(*word), None, own, *stretch))
    words = _words_of(company_id, stretches)
    _lock(company_id, stretches)
    for operator_id, stretch in sorted(stretches.items()):
        agents.append(Agent(operator_id, operator_id, words.get(operator_id, set()), *stretch))
    return agents


def _meant(company_id: int, words: Iterable[Word]) -> dict[Word, uuid.UUID]:
    query = select(Identity.source_id, Identity.raw, Identity.user_id).where(
        Identity.company_id == company_id, Identity.kind == "agent", Identity.user_id.is_not(None)
    )
    return {
        (source_id, raw): user_id
        for part in chunks(sorted(words))
        for source_id, raw, user_id in db.session.execute(
            query.where(tuple_(Identity.source_id, Identity.raw).in_(part))
        )
    }


def _words_of(company_id: int, operators: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[Word]]:
    words: dict[uuid.UUID, set[Word]] = {}
    query = select(Identity.user_id, Identity.source_id, Identity.raw).where(
        Identity.company_id == company_id, Identity.kind == "agent"
    )
    for part in chunks(sorted(operators)):
        for user_id, source_id, raw in db.session.execute(query.where(Identity.user_id.in_(part))):
            words.setdefault(user_id, set()).add((source_id, raw))
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
