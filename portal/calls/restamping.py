"""Stamping visits again: after a word got another meaning, or a queue took its history along."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby

from sqlalchemy import select, update

from portal.calls.models import Offer, Visit
from portal.calls.rebuilding import rows_by_id, stamp_all, write_changed
from portal.calls.stamping import Row, chunks, flag, meanings, words_of
from portal.calls.totals import Totals
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall.scope import unscoped

_FOLLOWING = ("transfer", "consultation")
Rows = dict[uuid.UUID, Row]


def restamp(company_id: int, source_id: uuid.UUID, visit_ids: Iterable[uuid.UUID]) -> int:
    """Stamp these visits by what their words mean now; return how many visits changed.

    The other visits of their calls keep their project, but what followed goes with the visit that
    it followed.
    """
    again = set(visit_ids)
    changed = 0
    for call_ids in chunks(sorted(_calls_of(company_id, again))):
        old = _visits(company_id, call_ids)
        following = _following(old.values(), again)
        new = {key: dict(row) for key, row in old.items()}
        words = set().union(*(words_of(row) for row in new.values()))
        known = meanings(company_id, source_id, words)
        keep = {key: row for key, row in old.items() if key not in again | following}
        stamp_all(known, new.values(), keep)
        changed += _write(company_id, old, new)
    return changed


def move_history(queue: Queue, project: Project) -> int:
    """Take the past visits of a queue along into ``project``; return how many visits moved."""
    moved = 0
    with unscoped("a queue's history moves with it, whoever sees it"):
        visits = select(Visit.id).where(
            Visit.company_id == queue.company_id, Visit.queue_id == queue.id
        )
        own = set(db.session.scalars(visits))
        for call_ids in chunks(sorted(_calls_of(queue.company_id, own))):
            old = _visits(queue.company_id, call_ids)
            following = _following(old.values(), own)
            new = {key: dict(row) for key, row in old.items()}
            for key in (own | following) & new.keys():
                new[key]["project_id"] = project.id
            for rows in _by_call(new.values()).values():
                flag(rows)
            moved += _write(queue.company_id, old, new)
    return moved


def _calls_of(company_id: int, visit_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    call_ids: set[uuid.UUID] = set()
    for part in chunks(sorted(visit_ids)):
        query = select(Visit.call_id).where(Visit.company_id == company_id, Visit.id.in_(part))
        call_ids |= set(db.session.scalars(query))
    return call_ids


def _visits(company_id: int, call_ids: Iterable[uuid.UUID]) -> Rows:
    return rows_by_id(Visit, Visit.company_id == company_id, Visit.call_id.in_(list(call_ids)))


def _by_call(visits: Iterable[Row]) -> Mapping[uuid.UUID, list[Row]]:
    calls: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for visit in sorted(visits, key=lambda visit: visit["ordinal"]):
        calls[visit["call_id"]].append(visit)
    return calls


def _following(visits: Iterable[Row], again: set[uuid.UUID]) -> set[uuid.UUID]:
    """Return the visits that followed one of ``again`` by a transfer or a question."""
    following = set()
    for rows in _by_call(visits).values():
        leads = False
        for row in rows:
            if row["kind"] not in _FOLLOWING:
                leads = row["id"] in again
            elif leads:
                following.add(row["id"])
    return following


def _write(company_id: int, old: Rows, new: Rows) -> int:
    """Write what changed: visits, their offers' project, and the totals."""
    totals = Totals(company_id)
    totals.take(old.values())
    totals.add(new.values())
    write_changed(Visit, old, new)
    changed = [row for key, row in new.items() if row != old[key]]
    moved = [row for row in changed if row["project_id"] != old[row["id"]]["project_id"]]
    moved.sort(key=lambda row: str(row["project_id"]))
    for project_id, rows in groupby(moved, key=lambda row: row["project_id"]):
        for part in chunks([row["id"] for row in rows]):
            db.session.execute(
                update(Offer)
                .where(Offer.company_id == company_id, Offer.visit_id.in_(part))
                .values(project_id=project_id)
                .execution_options(synchronize_session=False)
            )
    totals.write()
    db.session.expire_all()
    return len(changed)
