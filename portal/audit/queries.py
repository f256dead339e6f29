"""Reading the trail: the wall restricts every query here to what the viewer may know."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.audit.filters import WHAT, Filters, what_of
from portal.audit.models import AuditEntry
from portal.database import having_words
from portal.extensions import db

PAGE = 60
_AT_ONCE = 500
# What somebody should look at, newest first beside the feed.
_ALERTS = (
    "sign_in_locked", "code_refused", "refused", "locked", "second_factor_off",
    "security_changed", "revealed",
)  # fmt: skip


def page(filters: Filters, before: int | None) -> tuple[list[AuditEntry], int | None]:
    """Return entries older than number ``before``, newest first, and where the next page begins.

    The entries of one change stay together, unless it alone is longer than a page.
    """
    query = _filtered(select(AuditEntry), filters)
    if before is not None:
        query = query.where(AuditEntry.seq < before)
    found = list(db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(PAGE + 1)))
    if len(found) <= PAGE:
        return found, None
    cut = PAGE
    while cut and found[cut - 1].change_id == found[PAGE].change_id:
        cut -= 1
    kept = found[: cut or PAGE]
    return kept, kept[-1].seq


def newest() -> int:
    """Return the number of the newest entry that the viewer sees."""
    return db.session.scalar(select(func.max(AuditEntry.seq))) or 0


def every(filters: Filters, up_to: int) -> Iterator[AuditEntry]:
    """Yield every entry that the filters let through, newest first, a portion at a time."""
    before = up_to + 1
    while True:
        query = _filtered(select(AuditEntry), filters).where(AuditEntry.seq < before)
        found = list(db.session.scalars(query.order_by(AuditEntry.seq.desc()).limit(_AT_ONCE)))
        yield from found
        if len(found) < _AT_ONCE:
            return
        before = found[-1].seq


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(AuditEntry.at >= filters.period.start, AuditEntry.at < filters.period.end)
    if filters.person_ids:
        query = query.where(AuditEntry.actor_id.in_(filters.person_ids))
    if filters.project_ids:
        query = query.where(AuditEntry.project_id.in_(filters.project_ids))
    if filters.kinds:
        query = query.where(AuditEntry.kind.in_(filters.kinds))
    if filters.what:
        query = query.where(or_(*map(_is, filters.what)))
    return query.where(*having_words(AuditEntry.search, filters.text))


def _is(what: str) -> ColumnElement[bool]:
    if what in WHAT:
        return AuditEntry.action.in_(WHAT[what])
    return AuditEntry.action.not_in([action for actions in WHAT.values() for action in actions])


@dataclass(frozen=True)
class Summary:
    """What stands beside the feed. ``actors``: id, name, entries; ``kinds``: as found."""

    counts: dict[str, int]
    actors: list[tuple[uuid.UUID, str, int]]
    kinds: list[str]
    alerts: list[AuditEntry]


def summary(filters: Filters) -> Summary:
    """Return the figures of the period, whatever else is filtered: they are ways to filter."""
    period = Filters(period=filters.period)
    counts = dict.fromkeys((*WHAT, "changes"), 0)
    kinds = set()
    groups: Any = select(AuditEntry.kind, AuditEntry.action, func.count(AuditEntry.id))
    grouped = _filtered(groups, period).group_by(AuditEntry.kind, AuditEntry.action)
    for kind, action, count in db.session.execute(grouped).all():
        counts[what_of(action)] += count
        kinds.add(kind)
    entries = func.count(AuditEntry.id)
    people: Any = select(AuditEntry.actor_id, func.max(AuditEntry.actor_name), entries)
    people = _filtered(people.where(AuditEntry.actor_id.is_not(None)), period)
    people = people.group_by(AuditEntry.actor_id)
    actors = db.session.execute(people.order_by(entries.desc(), AuditEntry.actor_id).limit(500))
    alerts = _filtered(select(AuditEntry), period).where(AuditEntry.action.in_(_ALERTS))
    return Summary(
        counts=counts,
        actors=[(one, name, number) for one, name, number in actors],
        kinds=sorted(kinds),
        alerts=list(db.session.scalars(alerts.order_by(AuditEntry.seq.desc()).limit(3))),
    )
