"""Stamping visits again: after a word got another meaning, or a queue took its history along.

However many visits that is, only those of some hundred calls are held in memory at a time.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import literal, select, tuple_, update

from portal.calls.evidence import Identity
from portal.calls.models import Offer, ScenarioStep, Visit, VisitTag
from portal.calls.pulse import beat
from portal.calls.rebuilding import rows_by_id, stamp_all, write_changed
from portal.calls.stamping import FOLLOWING, WORDS, Row, chunks, flag, meanings, words_of
from portal.calls.totals import Totals
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.projects.models import Project
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import EVER, Touched
from portal.statuses.reading import members_of
from portal.wall.scope import unscoped

CALLS = 400  # in a batch
Rows = dict[uuid.UUID, Row]


def restamp(word: Identity) -> int:
    """Stamp the visits with this word by what it means now; return how many visits changed.

    The other visits of their calls keep their project, but what followed goes with the visit that
    it followed.
    """
    company_id, source_id, raw = word.company_id, word.source_id, word.raw
    column = dict(WORDS)[word.kind]
    here = (Visit.company_id == company_id, Visit.source_id == source_id)
    changed = 0
    touched = Touched()
    for old in _batches(company_id, [Visit.call_id], *here, getattr(Visit, column) == raw):
        again = {key for key, row in old.items() if row[column] == raw}
        following = _following(old.values(), again)
        new = {key: dict(row) for key, row in old.items()}
        words = set().union(*(words_of(row) for row in new.values()))
        known = meanings(company_id, source_id, words)
        keep = {key: row for key, row in old.items() if key not in again | following}
        stamp_all(known, new.values(), keep)
        changed += _write(company_id, old, new, touched)
    _rebuild_statuses(company_id, touched, [(source_id, raw)] if word.kind == "queue" else [])
    return changed


def restamp_agent(word: Identity) -> int:
    """Give the visits and offers of an agent to whom the word means now; return how many visits."""
    company_id, source_id, raw, user_id = word.company_id, word.source_id, word.raw, word.user_id

    def said(model: Any) -> tuple[Any, ...]:
        own = (model.company_id == company_id, model.source_id == source_id)
        return *own, model.agent_raw == raw

    changed = 0
    touched = Touched()
    for old in _batches(company_id, [Visit.id], *said(Visit)):
        new = {key: dict(row) for key, row in old.items()}
        for row in new.values():
            if row["agent_raw"] == raw:
                row["operator_id"] = user_id
        changed += _write(company_id, old, new, touched)
    offers = update(Offer).where(*said(Offer)).values(operator_id=user_id)
    db.session.execute(offers.execution_options(synchronize_session=False))
    touched.word(source_id, raw, *EVER)
    _rebuild_statuses(company_id, touched, [])
    return changed


def restamp_scenario(word: Identity) -> int:
    """Give the steps under a name to the scenario that it means now; return how many."""
    known = meanings(word.company_id, word.source_id, [(word.kind, word.raw)])
    meaning = known.of(word.kind, word.raw)
    steps = update(ScenarioStep).where(
        ScenarioStep.company_id == word.company_id,
        ScenarioStep.source_id == word.source_id,
        ScenarioStep.scenario_raw == word.raw,
    )
    return _moved(steps, scenario_id=meaning.scenario_id, project_id=meaning.project_id)


def _moved(rows: Any, **values: Any) -> int:
    result: Any = db.session.execute(
        rows.values(**values).execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return int(result.rowcount)


def move_steps(scenario: Scenario, project: Project) -> int:
    """Take the past steps of a scenario into ``project``; return how many."""
    with unscoped("a scenario's history moves with it, whoever sees it"):
        own = (ScenarioStep.company_id == scenario.company_id,)
        steps = update(ScenarioStep).where(*own, ScenarioStep.scenario_id == scenario.id)
        return _moved(steps, project_id=project.id)


def move_history(item: Queue | Dialer, project: Project) -> int:
    """Take the past visits of a queue or dialer into ``project``; return how many visits moved."""
    company_id, item_id = item.company_id, item.id
    column = "queue_id" if isinstance(item, Queue) else "dialer_id"
    moved = 0
    touched = Touched()
    with unscoped("a queue's history moves with it, whoever sees it"):
        own = (Visit.company_id == company_id, getattr(Visit, column) == item_id)
        for old in _batches(company_id, [Visit.started_at, Visit.id], *own):
            mine = {key for key, row in old.items() if row[column] == item_id}
            new = {key: dict(row) for key, row in old.items()}
            for key in mine | _following(old.values(), mine):
                new[key]["project_id"] = project.id
            for rows in _by_call(new.values()).values():
                flag(rows)
            moved += _write(company_id, old, new, touched)
        known = select(Identity.source_id, Identity.raw).where(
            Identity.company_id == company_id,
            Identity.kind == "queue",
            getattr(Identity, column) == item_id,
        )
        queues = [(source_id, raw) for source_id, raw in db.session.execute(known)]
        _rebuild_statuses(company_id, touched, queues)
    return moved


def _rebuild_statuses(
    company_id: int, touched: Touched, queues: Sequence[tuple[uuid.UUID, str]]
) -> None:
    """Build anew what operators did who talked in these visits, or stood by for these queues."""
    for source_id, raw in queues:
        for agent in members_of(company_id, source_id, raw):
            touched.word(source_id, agent, *EVER)
    statuses.rebuild(company_id, touched, queues)
    db.session.expire_all()


def _batches(company_id: int, order: Sequence[Any], *conditions: Any) -> Iterator[Rows]:
    """Yield all visits of the calls that have a visit which fulfils ``conditions``.

    ``order`` is that of an index; a call can come twice. What is done with a batch must not change
    which visits fulfil the conditions.
    """
    query = select(Visit.call_id, *order).where(*conditions).order_by(*order).limit(CALLS)
    found = db.session.execute(query).all()
    while found:
        last = [literal(value, key.type) for key, value in zip(order, found[-1][1:], strict=True)]
        call_ids = {row.call_id for row in found}
        yield rows_by_id(Visit, Visit.company_id == company_id, Visit.call_id.in_(call_ids))
        found = db.session.execute(query.where(tuple_(*order) > tuple_(*last))).all()


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
            if row["kind"] not in FOLLOWING:
                leads = row["id"] in again
            elif leads:
                following.add(row["id"])
    return following


def _write(company_id: int, old: Rows, new: Rows, touched: Touched) -> int:
    """Write what changed: visits, their offers' project, and the totals; note who talked."""
    totals = Totals(company_id)
    totals.take(old.values())
    totals.add(new.values())
    write_changed(Visit, old, new)
    changed = [row for key, row in new.items() if row != old[key]]
    touched.visits(changed)
    moved = [row for row in changed if row["project_id"] != old[row["id"]]["project_id"]]
    moved.sort(key=lambda row: str(row["project_id"]))
    for project_id, rows in groupby(moved, key=lambda row: row["project_id"]):
        for part in chunks([row["id"] for row in rows]):
            for model in (Offer, VisitTag):
                db.session.execute(
                    update(model)
                    .where(model.company_id == company_id, model.visit_id.in_(part))
                    .values(project_id=project_id)
                    .execution_options(synchronize_session=False)
                )
    totals.write()
    beat(company_id, old, new)
    db.session.expire_all()
    return len(changed)
