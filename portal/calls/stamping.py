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

from sqlalchemy import select, tuple_

from portal.calls.evidence import Identity
from portal.extensions import db
from portal.objects.kinds.queue import Queue

Word = tuple[str, str]  # kind and raw value
WORD_LENGTH = 128
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word means. ``project_id`` is the queue's own where the word means a queue."""

    project_id: uuid.UUID | None = None
    queue_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None


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
        project_id = None
        for visit in visits:
            visit["operator_id"] = self.of("agent", visit["agent_raw"]).user_id
            old = before.get(visit["id"])
            if old is not None and _keeps_stamp(old, visit):
                for key in ("project_id", "queue_id", "dialer_id"):
                    visit[key] = old[key]
            else:
                self._stamp(visit, project_id)
            if visit["kind"] in ("queue", "direct"):
                project_id = visit["project_id"]
        flag(visits)

    def _stamp(self, visit: Row, before: uuid.UUID | None) -> None:
        """Queue, then the number dialled, then the line; what follows a visit is of its project."""
        visit["dialer_id"] = None
        queue = self.of("queue", visit["queue_raw"])
        visit["project_id"], visit["queue_id"] = queue.project_id, queue.queue_id
        if visit["project_id"] is not None:
            return
        if visit["kind"] in ("transfer", "consultation"):
            visit["project_id"] = before
        elif visit["ordinal"] == 1 or visit["kind"] == "direct":
            did = self.of("did", visit["did"])
            visit["project_id"] = did.project_id or self.of("trunk", visit["trunk_raw"]).project_id
            if visit["kind"] == "direct":
                visit["queue_id"] = did.queue_id


def meanings(company_id: int, source_id: uuid.UUID, words: Iterable[Word]) -> Meanings:
    """Load what ``words`` mean."""
    columns = (Identity.kind, Identity.raw, Identity.project_id, Identity.user_id)
    query = (
        select(*columns, Queue.id, Queue.project_id)
        .outerjoin(
            Queue,
            (Queue.company_id == Identity.company_id) & (Queue.id == Identity.queue_id),
        )
        .where(Identity.company_id == company_id, Identity.source_id == source_id)
    )
    found: dict[Word, Meaning] = {}
    for part in chunks(sorted(set(words))):
        for kind, raw, project_id, user_id, queue_id, queue_project_id in db.session.execute(
            query.where(tuple_(Identity.kind, Identity.raw).in_(part))
        ):
            found[kind, raw] = Meaning(queue_project_id or project_id, queue_id, user_id)
    return Meanings(found)


def words_of(visit: Row) -> set[Word]:
    """Return the words of a visit that can mean something."""
    words = {
        ("queue", visit["queue_raw"]),
        ("agent", visit["agent_raw"]),
        ("did", visit["did"]),
        ("trunk", visit["trunk_raw"]),
    }
    return {(kind, raw) for kind, raw in words if raw}


def chunks(items: Sequence[Any], size: int = _CHUNK) -> Iterable[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _keeps_stamp(old: Row, new: Row) -> bool:
    """Tell whether the words by which the old visit was stamped are the new one's too."""
    if old["project_id"] is None:
        return False
    by_queue = old["kind"] == "queue" and old["queue_id"] is not None
    keys = ("kind", "queue_raw") if by_queue else ("kind", "queue_raw", "did", "trunk_raw")
    return all(old[key] == new[key] for key in keys)


def flag(visits: Sequence[Row]) -> None:
    """Mark the first visit in each project, and calls that are in several."""
    seen: set[uuid.UUID | None] = set()
    several = len({visit["project_id"] for visit in visits}) > 1
    for visit in visits:
        visit["first_in_project"] = visit["project_id"] not in seen
        visit["crosses_projects"] = several
        visit["only_visit"] = len(visits) == 1
        seen.add(visit["project_id"])
