"""What words mean and when: the meanings of single words, and the rules for many."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from portal.calls.evidence import CallRule, CallSource
from portal.calls.patterns import Pattern, pattern
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario

FIRST = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
LAST = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word means. ``project_id`` is that of the queue, dialer or scenario it means.

    ``stamped_by`` is the kind of the word, ``rule_id`` the rule that gave it the meaning.
    """

    project_id: uuid.UUID | None = None
    queue_id: uuid.UUID | None = None
    dialer_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    scenario_id: uuid.UUID | None = None
    provider_id: uuid.UUID | None = None
    rule_id: uuid.UUID | None = None
    stamped_by: str | None = None


NOTHING = Meaning()


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a word means something."""

    since: dt.datetime
    until: dt.datetime
    meaning: Meaning

    def __contains__(self, at: dt.datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is applied."""

    pattern: Pattern
    span: Span


class Rules:
    """The rules of one source, by kind; of several for a word the first one counts."""

    def __init__(self, rules: Iterable[tuple[str, Rule]] = ()) -> None:
        self._by_kind: dict[str, list[Rule]] = defaultdict(list)
        for kind, rule in sorted(rules, key=lambda one: _order(one[1]), reverse=True):
            self._by_kind[kind].append(rule)

    def has(self, kind: str) -> bool:
        return kind in self._by_kind

    def cover(self, kind: str, raw: str) -> bool:
        """Tell whether a rule that does not end gives a word its meaning."""
        return any(
            one.span.until == LAST and one.pattern.covers(raw)
            for one in self._by_kind.get(kind, ())
        )

    def people(self) -> set[uuid.UUID | None]:
        """Return whom the rules name."""
        return {one.span.meaning.user_id for of in self._by_kind.values() for one in of}

    def spans(self, kind: str, raw: str, own: Meaning | None) -> list[Span]:
        """Return what a word means from the first day to the last; ``own``: by itself.

        A rule for exactly this word comes before what the word means by itself, patterns after.
        """
        rules = [one for one in self._by_kind.get(kind, ()) if one.pattern.covers(raw)]
        exact = [one.span for one in rules if one.pattern.is_exact]
        wider = [one.span for one in rules if not one.pattern.is_exact]
        if own is not None:
            wider = [Span(FIRST, LAST, own)]
        candidates = [*exact, *wider, Span(FIRST, LAST, NOTHING)]
        days = sorted({day for one in candidates for day in (one.since, one.until)})
        return [
            Span(since, until, next(one for one in candidates if since in one).meaning)
            for since, until in pairwise(days)
        ]


def _order(rule: Rule) -> Any:
    return rule.pattern.rank, str(rule.span.meaning.rule_id)  # ids are in the order of making


def window(
    since: dt.date | None, until: dt.date | None, zone: ZoneInfo
) -> tuple[dt.datetime, dt.datetime]:
    """Return when the first of some days begins and the last one ends, in UTC."""
    return (
        _begin(since, zone) if since else FIRST,
        _begin(until + _DAY, zone) if until else LAST,
    )


def _begin(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(dt.UTC)


def zone_of(company_id: int, source_id: uuid.UUID) -> ZoneInfo:
    query = select(CallSource.timezone).where(
        CallSource.company_id == company_id, CallSource.id == source_id
    )
    return ZoneInfo(db.session.scalars(query).one())


def rules_of(company_id: int, source_id: uuid.UUID) -> Rules:
    """Load the rules of a source."""
    columns = (CallRule.id, CallRule.pattern, CallRule.valid_from, CallRule.valid_until)
    found = db.session.execute(
        meant(CallRule, *columns).where(
            CallRule.company_id == company_id, CallRule.source_id == source_id
        )
    ).all()
    zone = zone_of(company_id, source_id) if found else ZoneInfo("UTC")
    rules = []
    for row in found:
        days = window(row.valid_from, row.valid_until, zone)
        rules.append((row.kind, Rule(pattern(row.pattern), Span(*days, meaning_of(row, row.id)))))
    return Rules(rules)


def meant(model: Any, *columns: Any) -> Select[Any]:
    """Ask what words, or rules, mean."""
    query = select(
        *columns,
        model.kind,
        model.user_id,
        model.provider_id,
        func.coalesce(
            Queue.project_id, Dialer.project_id, Scenario.project_id, model.project_id
        ).label("project_id"),
        Queue.id.label("queue_id"),
        Dialer.id.label("dialer_id"),
        Scenario.id.label("scenario_id"),
    )
    for target, column in (
        (Queue, model.queue_id),
        (Dialer, model.dialer_id),
        (Scenario, model.scenario_id),
    ):
        query = query.outerjoin(
            target, (target.company_id == model.company_id) & (target.id == column)
        )
    return query


def meaning_of(row: Any, rule_id: uuid.UUID | None = None) -> Meaning:
    names = ("project_id", "queue_id", "dialer_id", "user_id", "scenario_id", "provider_id")
    values: Mapping[str, Any] = {name: getattr(row, name) for name in names}
    return Meaning(**values, rule_id=rule_id, stamped_by=row.kind)
