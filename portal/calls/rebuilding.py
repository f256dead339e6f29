"""Writing built calls over what was built before, and the totals with them.

The same evidence gives the same rows with the same ids, however often and in whatever pieces it
came: a rebuild writes only what differs.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.calls import words
from portal.calls.builders import build
from portal.calls.builders.asterisk.scenario_steps import steps_of
from portal.calls.built import BuiltCall, BuiltOffer, BuiltStep, BuiltVisit, utc
from portal.calls.gathering import Gathering
from portal.calls.identifiers import stable_id
from portal.calls.models import Call, Offer, ScenarioStep, Visit, VisitTag
from portal.calls.pulse import beat
from portal.calls.sources.records import epoch_of
from portal.calls.stamping import WORD_LENGTH, Meanings, Row, Tags, chunks, meanings
from portal.calls.totals import Totals
from portal.calls.writing import both_sides, delete_rows, gone, rows_by_id, write_changed
from portal.wall.arrays import Among


@dataclass
class Rebuilt:
    """What a rebuild did: by how many calls there are more, and how many are not as they were."""

    new: int = 0
    changed: int = 0
    visits: list[Row] = field(default_factory=list)  # that came, went and changed


@dataclass
class _Rows:
    """The rows of some calls, by id."""

    calls: dict[uuid.UUID, Row] = field(default_factory=dict)
    visits: dict[uuid.UUID, Row] = field(default_factory=dict)
    offers: dict[uuid.UUID, Row] = field(default_factory=dict)
    tags: dict[uuid.UUID, Row] = field(default_factory=dict)
    steps: dict[uuid.UUID, Row] = field(default_factory=dict)

    def sightings(self) -> set[words.Sighting]:
        return words.sightings(self.visits.values(), self.offers.values(), self.steps.values())


def rebuild(
    gathering: Gathering, threads: Iterable[str], seen: Iterable[words.Sighting] = ()
) -> Rebuilt:
    """Build the calls that ``threads`` are part of from all their evidence, and write them.

    ``seen``: words that were said beside the calls.
    """
    company_id, source_id = gathering.company_id, gathering.source_id
    gathered = gathering.calls_of(threads)
    known = gathered.threads - gathered.forgotten
    calls = [
        call
        for call in build(gathered.records, gathering.zone)
        if call.threads & known and not call.threads & gathered.forgotten
    ]
    keys = known.union(call.key for call in calls)  # twins have keys of their own
    old = _stored(company_id, source_id, keys)
    new = _Rows()
    for call in calls:
        _add_rows(new, company_id, source_id, call)
    for step in steps_of(gathered.records, calls):
        if step.thread in known:
            _add_step(new, company_id, source_id, step)
    _stamp(company_id, source_id, new, old)
    _write(company_id, old, new)
    # A call can turn out to be part of another one when more of it is known.
    visits = both_sides(old.visits, new.visits)
    beat(company_id, visits)
    words.note(company_id, source_id, old.sightings(), new.sightings().union(seen))
    changed = sum(_differs(new, old, call_id) for call_id in new.calls if call_id in old.calls)
    return Rebuilt(len(new.calls) - len(old.calls), changed, visits)


# --- what was there


def _stored(company_id: int, source_id: uuid.UUID, threads: Iterable[str]) -> _Rows:
    rows = _Rows()
    for part in chunks(sorted(threads)):
        here = (Call.company_id == company_id, Call.source_id == source_id)
        rows.calls |= rows_by_id(Call, *here, Among(Call.native_key, part))
        here = (ScenarioStep.company_id == company_id, ScenarioStep.source_id == source_id)
        rows.steps |= rows_by_id(ScenarioStep, *here, Among(ScenarioStep.thread, part))
    for part in chunks(sorted(rows.calls)):
        rows.visits |= rows_by_id(Visit, Visit.company_id == company_id, Among(Visit.call_id, part))
    for part in chunks(sorted(rows.visits)):
        rows.offers |= rows_by_id(
            Offer, Offer.company_id == company_id, Among(Offer.visit_id, part)
        )
        of_visits = (VisitTag.company_id == company_id, Among(VisitTag.visit_id, part))
        rows.tags |= rows_by_id(VisitTag, *of_visits)
    return rows


# --- what is built


def _add_rows(rows: _Rows, company_id: int, source_id: uuid.UUID, call: BuiltCall) -> None:
    at = epoch_of(call.key) or call.started
    call_id = stable_id(at, "call", source_id.hex, call.key)
    rows.calls[call_id] = {
        "company_id": company_id,
        "id": call_id,
        "project_id": None,
        "source_id": source_id,
        "native_key": call.key,
        "user_field": call.user_field,
        "account": call.account,
        "started_at": utc(call.started),
        "ended_at": None if call.ended is None else utc(call.ended),
        "direction": call.direction,
        "number": call.number,
        "caller_name": call.caller_name,
        "did": call.did,
        "result": call.result,
        "wait_s": call.wait,
        "talk_s": call.talk,
        "visits": len(call.visits),
    }
    for ordinal, visit in enumerate(call.visits, 1):
        visit_id = stable_id(at, "visit", source_id.hex, visit.key)
        own = {"company_id": company_id, "source_id": source_id, "ordinal": ordinal}
        rows.visits[visit_id] = {"id": visit_id, "call_id": call_id, **own, **_visit(call, visit)}
        for place, offer in enumerate(visit.offers, 1):
            offer_id = stable_id(at, "offer", source_id.hex, visit.key, str(place))
            own = {"company_id": company_id, "source_id": source_id, "ordinal": place}
            rows.offers[offer_id] = {"id": offer_id, "visit_id": visit_id, **own, **_offer(offer)}
        for tag in visit.tags:
            tag_id = stable_id(at, "tag", source_id.hex, visit.key, tag)
            row = {"id": tag_id, "company_id": company_id, "visit_id": visit_id, "tag": tag}
            rows.tags[tag_id] = row


def _add_step(rows: _Rows, company_id: int, source_id: uuid.UUID, step: BuiltStep) -> None:
    step_id = stable_id(step.at, "step", source_id.hex, step.thread, str(step.ordinal))
    rows.steps[step_id] = {
        "company_id": company_id,
        "id": step_id,
        "source_id": source_id,
        "thread": step.thread,
        "ordinal": step.ordinal,
        "started_at": utc(step.at),
        "ended_at": None if step.ended is None else utc(step.ended),
        "scenario_raw": step.scenario,
        "step": step.step,
        "exit": step.exit,
    }


def _visit(call: BuiltCall, visit: BuiltVisit) -> Row:
    digits = "".join(c for c in call.number if c.isascii() and c.isdigit())[:40]
    return {
        "kind": visit.kind,
        "started_at": utc(visit.started),
        "answered_at": None if visit.answered is None else utc(visit.answered),
        "ended_at": None if visit.ended is None else utc(visit.ended),
        "direction": call.direction,
        "result": visit.result,
        "wait_s": visit.wait,
        "talk_s": visit.talk,
        "ended_by": visit.ended_by,
        "transferred_to": visit.transferred_to,
        "number": call.number,
        "digits": digits,
        "digits_reversed": digits[::-1],
        "caller_name": call.caller_name,
        "did": call.did,
        "queue_raw": _word(visit.queue),
        "agent_raw": _word(visit.agent),
        "trunk_raw": _word(call.trunk),
        "account_raw": _word(call.account) if call.direction == "out" else None,
        "context_raw": _word(call.context) if call.direction == "out" else None,
    }


def _offer(offer: BuiltOffer) -> Row:
    return {
        "at": utc(offer.at),
        "agent_raw": _word(offer.agent) or "",
        "result": offer.result,
        "ring_ms": offer.ring_ms,
    }


def _word(text: str | None) -> str | None:
    return text[:WORD_LENGTH] if text else None


# --- stamping and writing


def _stamp(company_id: int, source_id: uuid.UUID, new: _Rows, old: _Rows) -> None:
    known = meanings(company_id, source_id, {word for word, _ in new.sightings()})
    tags = {key: (call["user_field"], call["account"]) for key, call in new.calls.items()}
    stamp_all(known, new.visits.values(), old.visits, tags)
    for offer in new.offers.values():
        offer["project_id"] = new.visits[offer["visit_id"]]["project_id"]
        offer["operator_id"] = known.of("agent", offer["agent_raw"], offer["at"]).user_id
    for tag in new.tags.values():
        tag["project_id"] = new.visits[tag["visit_id"]]["project_id"]
    for step_id, step in new.steps.items():
        known.stamp_step(step, old.steps.get(step_id))


def stamp_all(
    known: Meanings,
    visits: Iterable[Row],
    before: dict[uuid.UUID, Row],
    tags: Mapping[uuid.UUID, Tags],
    again: Mapping[uuid.UUID, Row] | None = None,
) -> None:
    """Stamp visits call by call; ``tags``: what the calls were tagged with."""
    by_call: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for visit in visits:
        by_call[visit["call_id"]].append(visit)
    for call_id, of_call in by_call.items():
        of_call.sort(key=lambda visit: visit["ordinal"])
        known.stamp(of_call, before, tags.get(call_id, ()), again)


def _write(company_id: int, old: _Rows, new: _Rows) -> None:
    totals = Totals(company_id)
    totals.take(old.visits.values())
    totals.add(new.visits.values())
    # A visit can go from one call to another: calls come first and go last.
    write_changed(Call, old.calls, new.calls)
    delete_rows(ScenarioStep, company_id, gone(old.steps, new.steps))
    delete_rows(VisitTag, company_id, gone(old.tags, new.tags))
    delete_rows(Offer, company_id, gone(old.offers, new.offers))
    delete_rows(Visit, company_id, gone(old.visits, new.visits))
    write_changed(Visit, old.visits, new.visits)
    write_changed(Offer, old.offers, new.offers)
    write_changed(VisitTag, old.tags, new.tags)
    write_changed(ScenarioStep, old.steps, new.steps)
    delete_rows(Call, company_id, gone(old.calls, new.calls))
    totals.write()


def _differs(new: _Rows, old: _Rows, call_id: uuid.UUID) -> bool:
    if new.calls[call_id] != old.calls[call_id]:
        return True

    def visits(rows: _Rows) -> dict[uuid.UUID, Row]:
        return {key: row for key, row in rows.visits.items() if row["call_id"] == call_id}

    return visits(new) != visits(old)
