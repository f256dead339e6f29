"""Making, changing and removing the rules of a source, and what that would move."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.calls import words
from portal.calls.evidence import CallRule, CallSource
from portal.calls.operations import ALLOWED, MEANT, Meaning
from portal.calls.patterns import pattern
from portal.calls.restamping import Ahead, look_ahead, restamp
from portal.calls.rules import window, zone_of
from portal.calls.said import Said
from portal.database import new_id
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from portal.members.models import User
from portal.wall.scope import unscoped

MOST_RULES = 500


@dataclass(frozen=True)
class Settings:
    """What a rule says. Without a target the names are ignored."""

    pattern: str
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    target: Meaning | None = None


@dataclass(frozen=True)
class Extent:
    """Of which calls a rule tells something: what a job is given, as JSON."""

    rule_id: str
    kind: str
    pattern: str
    valid_from: str | None
    valid_until: str | None
    user_id: str | None

    @classmethod
    def of(cls, rule: CallRule) -> Extent:
        return cls(
            rule_id=str(rule.id),
            kind=rule.kind,
            pattern=rule.pattern,
            valid_from=rule.valid_from.isoformat() if rule.valid_from else None,
            valid_until=rule.valid_until.isoformat() if rule.valid_until else None,
            user_id=str(rule.user_id) if rule.user_id else None,
        )

    def stamp_again(self, company_id: int, source_id: uuid.UUID) -> int:
        """Stamp the calls by what their words mean now; return how many visits changed."""
        with unscoped("calls without a project, and those of others, get the one they belong to"):
            people = [uuid.UUID(self.user_id)] if self.user_id else []
            changed = restamp(self._said(company_id, source_id), people)
            # An import that went on meanwhile has noted its words by the rules that there were.
            words.note_rules(company_id, source_id, self.kind)
            return changed

    def look_ahead(self, company_id: int, source_id: uuid.UUID) -> Ahead:
        """Return what stamping again would change."""
        with unscoped("a rule may tell of calls of any project, and of none"):
            return look_ahead(self._said(company_id, source_id))

    def _said(self, company_id: int, source_id: uuid.UUID) -> Said:
        first, last = (
            dt.date.fromisoformat(day) if day else None
            for day in (self.valid_from, self.valid_until)
        )
        days = window(first, last, zone_of(company_id, source_id))
        return Said(company_id, source_id, self.kind, pattern(self.pattern), *days)


def rules_of_kind(source: CallSource, kind: str) -> list[CallRule]:
    """Return the rules of a source for words of a kind, by pattern."""
    query = select(CallRule).where(CallRule.source_id == source.id, CallRule.kind == kind)
    return list(db.session.scalars(query.order_by(CallRule.pattern, CallRule.id)))


def create(source: CallSource, kind: str, settings: Settings, *, actor: User) -> Job:
    """Make a rule; return the job that assigns the past calls."""
    return _assign(source, _create(source, kind, settings), actor)


def change(rule: CallRule, settings: Settings, *, version: int, actor: User) -> Job | None:
    """Change a rule; return the job that assigns past calls, those that it leaves too."""
    source, extents = rule.source, _change(rule, settings, version)
    return _assign(source, extents, actor) if extents else None


def remove(rule: CallRule, *, actor: User) -> Job:
    """Remove a rule; return the job that assigns its past calls to what else they mean."""
    source, kind, extent = rule.source, rule.kind, Extent.of(rule)
    with unscoped("a rule is of no project, or of any"):
        db.session.delete(rule)
        db.session.flush()
        words.note_rules(source.company_id, source.id, kind)
    return _assign(source, [extent], actor)


def try_create(source: CallSource, kind: str, settings: Settings) -> Ahead:
    """Return which entries of the call log a new rule would change, and change nothing."""
    return _try(source, lambda: _create(source, kind, settings))


def try_change(rule: CallRule, settings: Settings, *, version: int) -> Ahead:
    return _try(rule.source, lambda: _change(rule, settings, version))


def _try(source: CallSource, given: Callable[[], list[Extent]]) -> Ahead:
    company_id, source_id = source.company_id, source.id
    try:
        parts = [extent.look_ahead(company_id, source_id) for extent in given()]
        return Ahead(set().union(*(part.ids for part in parts)), any(part.more for part in parts))
    finally:
        db.session.rollback()


def _assign(source: CallSource, extents: list[Extent], actor: User) -> Job:
    arguments: dict[str, Any] = {"source_id": str(source.id), "identity_ids": []}
    arguments["extents"] = [asdict(extent) for extent in extents]
    return enqueue("assign_calls", arguments, title=source.name, actor=actor, about=source.id)


def _create(source: CallSource, kind: str, settings: Settings) -> list[Extent]:
    if len(rules_of_kind(source, kind)) >= MOST_RULES:
        raise RefusedError(_("At most %(num)s rules.", num=MOST_RULES))
    rule = CallRule(company_id=source.company_id, id=new_id(), source_id=source.id, kind=kind)
    _set(rule, settings)
    return [Extent.of(rule)]


def _change(rule: CallRule, settings: Settings, version: int) -> list[Extent]:
    if rule.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=rule)
    before, target = Extent.of(rule), target_of(rule)
    _set(rule, settings)
    after = Extent.of(rule)
    if (before, target) == (after, target_of(rule)):
        return []
    rule.version += 1
    return [before] if replace(before, user_id=after.user_id) == after else [before, after]


def target_of(rule: CallRule) -> tuple[str, uuid.UUID] | None:
    """Return what a rule's words mean: the kind of thing, and its id."""
    targets = ((name, getattr(rule, f"{name}_id")) for name in MEANT.values())
    return next(((name, target) for name, target in targets if target is not None), None)


def _set(rule: CallRule, settings: Settings) -> None:
    target = settings.target
    meant = MEANT[type(target)] if target is not None else ""
    if target is not None and meant not in ALLOWED[rule.kind]:
        raise RefusedError(_("This cannot be the meaning of such a word."), field="target")
    with unscoped("a rule without a project, or of another, gets the one it belongs to"):
        rule.pattern = settings.pattern
        rule.valid_from, rule.valid_until = settings.valid_from, settings.valid_until
        for name in MEANT.values():
            setattr(rule, f"{name}_id", target.id if target is not None and name == meant else None)
        db.session.add(rule)
        db.session.flush()
        words.note_rules(rule.company_id, rule.source_id, rule.kind)
