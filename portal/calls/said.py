"""Which words of a source got another meaning, and where they stand."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from portal.calls.evidence import Identity
from portal.calls.models import Call, Visit
from portal.calls.patterns import Pattern, exactly
from portal.calls.rules import FIRST, LAST
from portal.calls.stamping import WORDS, Row, word_in
from portal.extensions import db


@dataclass(frozen=True)
class Said:
    """Words of a source of which the meaning has changed: of a kind, and within a time."""

    company_id: int
    source_id: uuid.UUID
    kind: str
    pattern: Pattern
    since: dt.datetime = FIRST
    until: dt.datetime = LAST

    def by(self, visit: Row) -> bool:
        """Tell whether a visit has such a word; tags are told by their calls."""
        if not self.since <= visit["started_at"] < self.until:
            return False
        return self.kind == "tag" or self.pattern.covers(word_in(visit, self.kind) or "")

    def of(self, model: Any, at: Any = None) -> list[Any]:
        """Return conditions: what is of this source, and of this time if ``at`` tells one."""
        here = [model.company_id == self.company_id, model.source_id == self.source_id]
        if at is not None and self.since != FIRST:
            here.append(at >= self.since)
        if at is not None and self.until != LAST:
            here.append(at < self.until)
        return here

    def alike(self, column: Any) -> Any:
        """Return a condition that all words fulfil, and others may."""
        if self.pattern.is_exact:
            return column == self.pattern.text
        return column.startswith(self.pattern.start, autoescape=True)

    def visits(self) -> tuple[list[Any], list[Any]]:
        """Return the order and the conditions by which visits are read that may have a word."""
        here = self.of(Visit, Visit.started_at)
        order = [Visit.started_at, Visit.id]
        if self.kind == "source":
            return order, here
        if self.kind == "tag":
            tags = or_(self.alike(Call.user_field), self.alike(Call.account))
            calls = select(Call.id).where(Call.company_id == self.company_id, tags)
            return order, [*here, Visit.call_id.in_(calls.where(Call.source_id == self.source_id))]
        if self.kind == "number":
            return order, [*here, Visit.direction == "out", self.alike(Visit.number)]
        column = getattr(Visit, dict(WORDS)[self.kind])
        if self.pattern.is_exact and self.kind != "agent":
            order = [Visit.call_id]
        return order, [*here, self.alike(column), column.is_not(None)]

    def words(self) -> list[str]:
        """Return the words themselves, as far as they were noted."""
        query = select(Identity.raw).where(*self.of(Identity), Identity.kind == self.kind)
        raws = db.session.scalars(query.where(self.alike(Identity.raw)).order_by(Identity.raw))
        return [raw for raw in raws if self.pattern.covers(raw)]


def said(word: Identity) -> Said:
    return Said(word.company_id, word.source_id, word.kind, exactly(word.raw))
