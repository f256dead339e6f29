"""Reading what operators did from the evidence, and when they talked from the visits."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from portal.calls.builders import events_of
from portal.calls.built import utc
from portal.calls.evidence import EvidenceFile, EvidenceLine
from portal.calls.gathering import STARTS, tag_of
from portal.calls.models import Visit
from portal.calls.ordering import Place, in_order
from portal.calls.sources import OF_OPERATORS, form_of, parse
from portal.calls.sources.records import QueueEvent
from portal.calls.stamping import WORD_LENGTH, chunks
from portal.extensions import db
from portal.statuses.agents import Stretch, Word
from portal.statuses.building import Queue, Sign, Talk

# So long a call may have waited before it was answered.
_WAITED_S = 6 * 3600
# Of longer stretches only these agents' visits are read, not all of the company.
_LONG_S = 10 * 86_400


class Owners:
    """Which agent each word means, and when."""

    def __init__(self) -> None:
        self._agents: dict[Word, list[tuple[Stretch, uuid.UUID]]] = defaultdict(list)

    def add(self, word: Word, agent_id: uuid.UUID, stretches: Iterable[Stretch]) -> None:
        self._agents[word] += [(stretch, agent_id) for stretch in stretches]

    def __iter__(self) -> Iterator[Word]:
        return iter(self._agents)

    def of(self, word: Word, at: int) -> list[uuid.UUID]:
        stretches = self._agents.get(word, ())
        return [agent_id for (first, last), agent_id in stretches if first <= at < last]

    def all_of(self, source_id: uuid.UUID) -> set[uuid.UUID]:
        owners = (held for word, held in self._agents.items() if word[0] == source_id)
        return {agent_id for held in owners for _stretch, agent_id in held}


def known_until(company_id: int) -> Mapping[uuid.UUID, int]:
    """Return how far the log of each source is known."""
    query = (
        select(EvidenceFile.source_id, func.max(EvidenceFile.last_at))
        .where(EvidenceFile.company_id == company_id, EvidenceFile.kind.in_(OF_OPERATORS))
        .group_by(EvidenceFile.source_id)
    )
    return {source_id: last or 0 for source_id, last in db.session.execute(query)}


def signs_of(
    company_id: int, owners: Owners, since: int, until: int
) -> dict[uuid.UUID, list[Sign]]:
    """Return what each agent did in the order of the logs, and the starts of their exchanges."""
    by_source: dict[uuid.UUID, list[str]] = defaultdict(list)
    for source_id, word in owners:
        by_source[source_id].append(word)
    found: dict[uuid.UUID, list[Sign]] = defaultdict(list)
    for source_id, words in by_source.items():
        everybody = owners.all_of(source_id)
        for event in _events(company_id, source_id, words, since, until):
            said = event.operator
            of = owners.of((source_id, said), event.at) if said else everybody
            for agent_id in of:
                found[agent_id].append(Sign(source_id, event))
    return found


def members_of(company_id: int, source_id: uuid.UUID, queues: Collection[Queue]) -> set[str]:
    """Return who of a source ever joined, left or paused one of these, or signed in for any."""
    line = EvidenceLine
    query = (
        select(EvidenceFile.kind, line.raw)
        .join(
            EvidenceFile,
            (EvidenceFile.company_id == line.company_id) & (EvidenceFile.id == line.file_id),
        )
        .where(
            line.company_id == company_id,
            line.source_id == source_id,
            line.tag.startswith(tag_of(""), autoescape=True),
        )
    )
    found: set[str] = set()
    for kind, raw in db.session.execute(query):
        record = parse(form_of(kind), raw).record
        for event in events_of([record] if record else []):
            named = (source_id, event.kind, event.queue[:WORD_LENGTH])
            if event.operator and (named in queues or event.verb.endswith("LOGIN")):
                found.add(event.operator)
    return found


def _events(
    company_id: int, source_id: uuid.UUID, agents: Iterable[str], since: int, until: int
) -> Iterable[QueueEvent]:
    line = EvidenceLine
    query = (
        select(
            line.file_id,
            line.number,
            line.hash,
            line.occurrence,
            line.at,
            line.raw,
            EvidenceFile.kind,
        )
        .join(
            EvidenceFile,
            (EvidenceFile.company_id == line.company_id) & (EvidenceFile.id == line.file_id),
        )
        .where(line.company_id == company_id, line.source_id == source_id)
        .where(line.at >= since, line.at < until)
    )
    tags = [tag_of(agent) for agent in agents]
    conditions = [line.thread == STARTS, *(line.tag.in_(part) for part in chunks(sorted(tags)))]
    places = []
    for condition in conditions:
        for row in db.session.execute(query.where(condition)):
            record = parse(form_of(row.kind), row.raw, first=row.number == 1).record
            if record is not None:
                key = (row.hash, row.occurrence)
                places.append(Place(key, row.file_id, row.number, row.at, record))
    return events_of(in_order(places))


def talks_of(
    company_id: int, owners: Owners, since: int, until: int
) -> dict[uuid.UUID, list[Talk]]:
    """Return when each agent talked. A talk whose end is not known is none yet."""
    query = select(
        Visit.source_id,
        Visit.agent_raw,
        Visit.started_at,
        Visit.answered_at,
        Visit.ended_at,
        Visit.talk_s,
        Visit.queue_raw,
        Visit.project_id,
    ).where(
        Visit.company_id == company_id,
        Visit.started_at >= utc(max(0, since - _WAITED_S)),
        Visit.started_at < utc(min(until, 2**32)),
        Visit.answered_at.is_not(None),
    )
    conditions: list[Any] = [True]
    if until - since > _LONG_S:
        conditions = []
        for source_id in {source_id for source_id, _ in owners}:
            agents = sorted(agent for source, agent in owners if source == source_id)
            conditions += [
                (Visit.source_id == source_id) & Visit.agent_raw.in_(part)
                for part in chunks(agents)
            ]
    found: dict[uuid.UUID, list[Talk]] = defaultdict(list)
    for condition in conditions:
        for row in db.session.execute(query.where(condition)):
            talk = _talk(row)
            if talk and since <= talk.start < until:
                at = int(row.started_at.timestamp())
                for agent_id in owners.of((row.source_id, row.agent_raw), at):
                    found[agent_id].append(talk)
    return found


def _talk(row: Any) -> Talk | None:
    start = int(row.answered_at.timestamp())
    if row.talk_s is not None:
        end = start + row.talk_s
    elif row.ended_at is not None:
        end = int(row.ended_at.timestamp())
    else:
        return None
    queue = (row.source_id, "queue", row.queue_raw) if row.queue_raw else None
    return Talk(start, end, queue, row.project_id)
