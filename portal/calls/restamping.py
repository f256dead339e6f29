"""Stamping visits again: after a word got another meaning, or a queue took its history along.

However many visits that is, only those of some hundred calls are held in memory at a time.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import literal, select, tuple_, update

from portal.calls.evidence import RULED, Identity
from portal.calls.models import Call, Offer, ScenarioStep, Visit, VisitTag
from portal.calls.patterns import exactly
from portal.calls.pulse import beat
from portal.calls.rebuilding import stamp_all
from portal.calls.rules import Meaning
from portal.calls.said import Said
from portal.calls.stamping import (
    FOLLOWING,
    Meanings,
    Row,
    Tags,
    chunks,
    flag,
    meanings,
    words_of,
)
from portal.calls.totals import Totals
from portal.calls.writing import rows_by_id, write_changed
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.projects.models import Project
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import EVER, Touched
from portal.statuses.reading import members_of
from portal.wall.scope import unscoped

# The kinds of words that operators stand by for.
_STOOD_BY_FOR = ("queue", "account")
CALLS = 400  # in a batch
LOOKED_AT = 10_000  # calls, to say beforehand what would change
Rows = dict[uuid.UUID, Row]


@dataclass(frozen=True)
class Ahead:
    """Visits, or steps, that would be stamped otherwise; ``more``: not all calls were looked at."""

    ids: set[uuid.UUID]
    more: bool = False


def restamp(said: Said, people: Iterable[uuid.UUID] = ()) -> int:
    """Stamp what has these words by what they mean now; return how many visits changed.

    ``people``: whom such words have meant until now; their time is built anew.

    Only those are stamped again of which such a word tells whose they are, or did; the others
    keep their project, but what followed goes with the visit that it followed.
    """
    if said.kind == "scenario":
        return _restamp_steps(said)
    company_id, source_id = said.company_id, said.source_id
    raws = said.words() if said.kind in ("agent", *_STOOD_BY_FOR) else []
    changed, touched = 0, Touched()
    for operator_id in people:
        touched.operator(operator_id, *EVER)
    order, conditions = said.visits()
    for old in _batches(company_id, order, *conditions):
        changed += _write(company_id, old, _stamped(said, old), touched)
    for raw in raws if said.kind == "agent" else ():
        _restamp_offers(said, raw)
        touched.word(source_id, raw, *EVER)
    queues = [(source_id, said.kind, raw) for raw in raws if said.kind != "agent"]
    _rebuild_statuses(company_id, touched, queues)
    return changed


def look_ahead(said: Said) -> Ahead:
    """Return what :func:`restamp` would change of the first :data:`LOOKED_AT` calls."""
    ids: set[uuid.UUID] = set()
    if said.kind == "scenario":
        for here, _meaning in _steps(said):
            ids.update(db.session.scalars(select(ScenarioStep.id).where(*here)))
        return Ahead(ids)
    order, conditions = said.visits()
    for number, old in enumerate(_batches(said.company_id, order, *conditions), 1):
        new = _stamped(said, old)
        ids.update(key for key, row in old.items() if row != new[key])
        if number * CALLS >= LOOKED_AT:
            return Ahead(ids, more=True)
    return Ahead(ids)


def _stamped(said: Said, old: Rows) -> Rows:
    """Return the visits as they are stamped now."""
    words = set().union(*(words_of(row) for row in old.values()))
    known = meanings(said.company_id, said.source_id, words)
    tags = tags_of(said.company_id, known, {row["call_id"] for row in old.values()})

    def stamped(again: set[uuid.UUID]) -> Rows:
        new = {key: dict(row) for key, row in old.items()}
        again = again | _following(old.values(), again)
        keep = {key: row for key, row in old.items() if key not in again}
        stamp_all(known, new.values(), keep, tags, old)
        return new

    having = {key for key, row in old.items() if said.by(row)}
    new = stamped(having)
    told = {key for key in having if _tells(said.kind, old[key], new[key])}
    return new if told == having else stamped(told)


def _tells(kind: str, old: Row, new: Row) -> bool:
    """Tell whether a word of ``kind`` tells, or told, whose a visit is."""
    # Of visits of long ago it was not noted, but then there was nothing that only rules tell.
    unknown = old["project_id"] is not None and old["stamped_by"] is None
    return kind in (old["stamped_by"], new["stamped_by"]) or (unknown and kind not in RULED)


def tags_of(company_id: int, known: Meanings, call_ids: Iterable[uuid.UUID]) -> dict[Any, Tags]:
    """Return what calls were tagged with, if any tag means something."""
    if not known.has_tags:
        return {}
    query = select(Call.id, Call.user_field, Call.account)
    return {
        call_id: (user_field, account)
        for part in chunks(sorted(call_ids))
        for call_id, user_field, account in db.session.execute(
            query.where(Call.company_id == company_id, Call.id.in_(part))
        )
    }


def _restamp_offers(said: Said, raw: str) -> None:
    known = meanings(said.company_id, said.source_id, [("agent", raw)])
    for span in known.spans("agent", raw):
        here = replace(said, pattern=exactly(raw), since=span.since, until=span.until)
        offers = update(Offer).where(*here.of(Offer, Offer.at), Offer.agent_raw == raw)
        _moved(offers, operator_id=span.meaning.user_id)


def _restamp_steps(said: Said) -> int:
    """Give the steps under a name to the scenario that it means now; return how many."""
    return sum(
        _moved(
            update(ScenarioStep).where(*here),
            scenario_id=meaning.scenario_id,
            project_id=meaning.project_id,
        )
        for here, meaning in _steps(said)
    )


def _steps(said: Said) -> Iterator[tuple[list[Any], Meaning]]:
    """Yield conditions of steps whose names mean another scenario than before, and which."""
    for raw in said.words():
        known = meanings(said.company_id, said.source_id, [("scenario", raw)])
        for span in known.spans("scenario", raw):
            since, until = max(said.since, span.since), min(said.until, span.until)
            if since < until:
                here = replace(said, since=since, until=until).of(
                    ScenarioStep, ScenarioStep.started_at
                )
                other = ScenarioStep.scenario_id.is_distinct_from(span.meaning.scenario_id)
                yield [*here, ScenarioStep.scenario_raw == raw, other], span.meaning


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
        known = select(Identity.source_id, Identity.kind, Identity.raw).where(
            Identity.company_id == company_id,
            Identity.kind.in_(_STOOD_BY_FOR),
            getattr(Identity, column) == item_id,
        )
        queues = [(word.source_id, word.kind, word.raw) for word in db.session.execute(known)]
        _rebuild_statuses(company_id, touched, queues)
    return moved


def _rebuild_statuses(
    company_id: int, touched: Touched, queues: Sequence[tuple[uuid.UUID, str, str]]
) -> None:
    """Build anew what operators did who talked in these visits, or stood by for these queues."""
    for source_id in {source_id for source_id, *_ in queues}:
        for agent in members_of(company_id, source_id, queues):
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
    beat(company_id, [*changed, *(old[row["id"]] for row in changed)])
    db.session.expire_all()
    return len(changed)
