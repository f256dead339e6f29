"""What an exchange's words mean here, and what that makes of a visit: project, queue, operator.

A visit is stamped once, at import, with the project as it is then. A queue that moves later leaves
its history behind unless somebody decides otherwise; only a changed meaning of a word, or a visit
that had no project yet, is stamped again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from portal.calls.evidence import Identity
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario

Word = tuple[str, str]  # kind and raw value
WORD_LENGTH = 128
_CHUNK = 400
# What tells whose a call is that no queue tells: the more particular first.
_LINES = (
    ("account", "account_raw"),
    ("context", "context_raw"),
    ("did", "did"),
    ("trunk", "trunk_raw"),
)
# The kinds of words and where a visit has them.
WORDS = (("queue", "queue_raw"), ("agent", "agent_raw"), *_LINES)
_STAMP = ("project_id", "queue_id", "dialer_id")
FOLLOWING = ("transfer", "consultation")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word means. ``project_id`` is that of the queue, dialer or scenario it means."""

    project_id: uuid.UUID | None = None
    queue_id: uuid.UUID | None = None
    dialer_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    scenario_id: uuid.UUID | None = None
    provider_id: uuid.UUID | None = None


NOTHING = Meaning()
Row = dict[str, Any]  # the columns of one visit


class Meanings:
    """The meanings of the words of one source; unknown words mean nothing."""

    def __init__(self, meanings: Mapping[Word, Meaning]) -> None:
        self._meanings = meanings

    def of(self, kind: str, raw: str | None) -> Meaning:
        return self._meanings.get((kind, raw), NOTHING) if raw else NOTHING

    def stamp(self, visits: Sequence[Row], before: Mapping[uuid.UUID, Row]) -> None:
        """Stamp all visits of one call, in order; ``before`` are the stamps to keep, by id."""
        leading = NOTHING
        for visit in visits:
            visit["operator_id"] = self.of("agent", visit["agent_raw"]).user_id
            visit["provider_id"] = self.of("trunk", visit["trunk_raw"]).provider_id
            old = before.get(visit["id"])
            if old is not None and self._keeps_stamp(old, visit):
                visit.update((key, old[key]) for key in _STAMP)
            else:
                meaning = self._meaning(visit, leading)
                visit.update((key, getattr(meaning, key)) for key in _STAMP)
            if visit["kind"] not in FOLLOWING:
                leading = Meaning(*(visit[key] for key in _STAMP))
        flag(visits)

    def stamp_step(self, step: Row, old: Row | None) -> None:
        """Stamp a step of a scenario; one that is of the same scenario keeps its project."""
        meaning = self.of("scenario", step["scenario_raw"])
        step["scenario_id"], step["project_id"] = meaning.scenario_id, meaning.project_id
        if old and old["scenario_id"] is not None and old["scenario_id"] == meaning.scenario_id:
            step["project_id"] = old["project_id"]

    def _meaning(self, visit: Row, leading: Meaning) -> Meaning:
        """Tell whose a visit is: of its queue, of what it followed, or of what led to the call."""
        queue = self.of("queue", visit["queue_raw"])
        if queue.project_id is not None:
            return queue
        if visit["kind"] in FOLLOWING:
            return leading
        if visit["ordinal"] > 1 and visit["kind"] != "direct":
            return NOTHING
        lines = (self.of(kind, visit[column]) for kind, column in _LINES)
        return next((line for line in lines if line.project_id is not None), NOTHING)

    def _keeps_stamp(self, old: Row, new: Row) -> bool:
        """Tell whether the words by which the old visit was stamped are the new one's too."""
        if old["project_id"] is None:
            return False
        columns = ["kind", "queue_raw"]
        if not self._is_of_its_queue(old):
            columns += [column for _, column in _LINES]
        return all(old[column] == new[column] for column in columns)

    def _is_of_its_queue(self, visit: Row) -> bool:
        queue = self.of("queue", visit["queue_raw"])
        known = visit["queue_id"] or visit["dialer_id"]
        return known is not None and known == (queue.queue_id or queue.dialer_id)


def meanings(company_id: int, source_id: uuid.UUID, words: Iterable[Word]) -> Meanings:
    """Load what ``words`` mean."""
    query = (
        select(
            Identity.kind,
            Identity.raw,
            func.coalesce(
                Queue.project_id, Dialer.project_id, Scenario.project_id, Identity.project_id
            ),
            Queue.id,
            Dialer.id,
            Identity.user_id,
            Scenario.id,
            Identity.provider_id,
        )
        .outerjoin(
            Queue,
            (Queue.company_id == Identity.company_id) & (Queue.id == Identity.queue_id),
        )
        .outerjoin(
            Dialer,
            (Dialer.company_id == Identity.company_id) & (Dialer.id == Identity.dialer_id),
        )
        .outerjoin(
            Scenario,
            (Scenario.company_id == Identity.company_id) & (Scenario.id == Identity.scenario_id),
        )
        .where(Identity.company_id == company_id, Identity.source_id == source_id)
    )
    found: dict[Word, Meaning] = {}
    for part in chunks(sorted(set(words))):
        for kind, raw, *meaning in db.session.execute(
            query.where(tuple_(Identity.kind, Identity.raw).in_(part))
        ):
            found[kind, raw] = Meaning(*meaning)
    return Meanings(found)


def words_of(visit: Row) -> set[Word]:
    """Return the words of a visit that can mean something."""
    return {(kind, visit[column]) for kind, column in WORDS if visit[column]}


def chunks(items: Sequence[Any], size: int = _CHUNK) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def flag(visits: Sequence[Row]) -> None:
    """Mark the first visit in each project, and calls that are in several."""
    seen: set[uuid.UUID | None] = set()
    several = len({visit["project_id"] for visit in visits}) > 1
    for visit in visits:
        visit["first_in_project"] = visit["project_id"] not in seen
        visit["crosses_projects"] = several
        visit["only_visit"] = len(visits) == 1
        seen.add(visit["project_id"])
