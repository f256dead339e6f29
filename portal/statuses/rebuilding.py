"""Writing operators' time over what was built before, for those of whom something new is known.

Where a presence begins, its operator was a member of nothing. So it is enough to build from the
beginning of the presence that the new lines fall into to the beginning of the first later one
before which all is closed. The same evidence gives the same rows, in whatever pieces it came.
"""

from __future__ import annotations

import bisect
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.calls.built import utc
from portal.calls.identifiers import stable_id
from portal.calls.stamping import Row, chunks, meanings
from portal.calls.writing import both_sides, delete_rows, gone, rows_by_id, write_changed
from portal.extensions import db
from portal.statuses import days
from portal.statuses.agents import EVER, Agent, Touched, Word, resolved
from portal.statuses.building import SILENCE_S, Built, Piece, Queue, build
from portal.statuses.models import TALK, OperatorStatus, Presence
from portal.statuses.reading import Owners, known_until, signs_of, talks_of
from portal.statuses.sets import ProjectSets

# Agents that are built together: what is read of them is held in memory.
_TOGETHER = 60
_NEAR_S = 2 * 86_400
Rows = dict[uuid.UUID, Row]


def rebuild(company_id: int, touched: Touched, again: Collection[Queue] = ()) -> None:
    """Build and write the time of those who were touched.

    What was stamped keeps its projects, even if a queue has moved since, but for the queues of
    ``again``.
    """
    if touched:
        agents = resolved(company_id, touched)
        known = known_until(company_id)
        for near in _together(_stretches(company_id, agents)):
            _Rebuilding(company_id, known, frozenset(again)).run(near)


@dataclass
class _Stretch:
    """What of one agent is built: from ``since``, where they are not online, up to ``until``."""

    agent: Agent
    since: int
    later: list[int]  # where the presences begin that were built before, after what is new

    @property
    def until(self) -> int | None:
        return self.later[0] if self.later else None


def _stretches(company_id: int, agents: list[Agent]) -> list[_Stretch]:
    """Find where each agent is surely not online, before and after what is new."""
    begins: dict[uuid.UUID, list[int]] = defaultdict(list)
    ends: dict[uuid.UUID, list[int]] = defaultdict(list)
    since = utc(max(0, min((agent.first for agent in agents), default=0) - SILENCE_S))
    for part in chunks(sorted(agent.id for agent in agents)):
        query = (
            select(Presence.agent_id, Presence.starts_at, Presence.ends_at)
            .where(Presence.company_id == company_id, Presence.agent_id.in_(part))
            .where(Presence.ends_at >= since)
            .order_by(Presence.starts_at)
        )
        for agent_id, starts_at, ends_at in db.session.execute(query):
            begins[agent_id].append(int(starts_at.timestamp()))
            ends[agent_id].append(int(ends_at.timestamp()))
    stretches = []
    for agent in agents:
        mine = begins[agent.id]
        place = bisect.bisect_right(mine, agent.first)
        since_s = agent.first
        if place and ends[agent.id][place - 1] >= agent.first - SILENCE_S:
            since_s = mine[place - 1]
        stretches.append(_Stretch(agent, since_s, mine[bisect.bisect_right(mine, agent.last) :]))
    return stretches


def _together(stretches: list[_Stretch]) -> Iterable[list[_Stretch]]:
    """Put those together whose time is read at once: about the same days, and not too many."""
    group: list[_Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.until or EVER[1], one.since)):
        ends = (one.until or EVER[1]) - (group[0].until or EVER[1]) if group else 0
        starts = abs(one.since - group[0].since) if group else 0
        if len(group) == _TOGETHER or max(ends, starts) > _NEAR_S:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


class _Rebuilding:
    """The time of some agents at work."""

    def __init__(
        self, company_id: int, known: Mapping[uuid.UUID, int], again: frozenset[Queue]
    ) -> None:
        self.company_id, self.known, self.again = company_id, known, again
        self.zone = days.zone_of(company_id)
        self.sets = ProjectSets(company_id)

    def run(self, stretches: list[_Stretch]) -> None:
        built = self._built(stretches)
        stored: dict[Any, Rows] = {
            model: self._stored(model, stretches) for model in (OperatorStatus, Presence)
        }
        within = {one.agent.id: one for one in stretches}
        old = {model: _covered(rows, within) for model, rows in stored.items()}
        new: dict[Any, Rows] = {
            OperatorStatus: self._statuses(built, old[OperatorStatus]),
            Presence: self._presences(built),
        }
        self.sets.write()
        changed: list[Row] = []
        for model, rows in new.items():
            changed += _write(self.company_id, model, old[model], rows)
            for key in old[model]:
                del stored[model][key]
        days.rebuild(
            self.company_id,
            self.zone,
            changed,
            [*stored[OperatorStatus].values(), *new[OperatorStatus].values()],
            [*stored[Presence].values(), *new[Presence].values()],
        )

    def _built(self, parts: list[_Stretch]) -> list[tuple[Agent, Built]]:
        """Build each agent's time, up to a presence that does not depend on what is new."""
        done, waiting = [], parts
        while waiting:
            owners = Owners()
            for one in waiting:
                for word, stretches in one.agent.words.items():
                    owners.add(word, one.agent.id, stretches)
            since = min(one.since for one in waiting)
            until = max(one.until or EVER[1] for one in waiting)
            signs = signs_of(self.company_id, owners, since, until)
            talks = talks_of(self.company_id, owners, since, until)
            open_ended = []
            for one in waiting:
                end = one.until or EVER[1]
                built = build(
                    [s for s in signs[one.agent.id] if one.since <= s.event.at < end],
                    [t for t in talks[one.agent.id] if one.since <= t.start < end],
                    known_until=self.known,
                    until=one.until,
                )
                if built.settled:
                    done.append((one.agent, built))
                else:
                    one.later.pop(0)
                    open_ended.append(one)
            waiting = open_ended
        return done

    def _stored(self, model: Any, stretches: list[_Stretch]) -> Rows:
        """Return what was written of these agents in the days that the stretches fall into."""
        since = utc(min(one.since for one in stretches))
        until = utc(min(max(one.until or EVER[1] for one in stretches), 2**32))
        return rows_by_id(
            model,
            model.company_id == self.company_id,
            model.agent_id.in_([one.agent.id for one in stretches]),
            model.ends_at >= days.day_of(since, self.zone),
            model.starts_at < days.after(until, self.zone),
        )

    def _statuses(self, built: list[tuple[Agent, Built]], old: Rows) -> Rows:
        queues = {queue for _, one in built for piece in one.pieces for queue in piece.queues}
        projects = _Projects(self.company_id, queues)
        stamped = _Stamped(old.values())
        rows: Rows = {}
        for agent, one in built:
            word = (
                next(iter(agent.words)) if not agent.operator_id and agent.words else (None, None)
            )
            for piece in one.pieces:
                row = _status(agent, word, piece)
                kept = None
                if piece.status != TALK and not piece.queues & self.again:
                    kept = stamped.of(row)
                known = piece.project_ids if piece.status == TALK else projects.of(piece)
                row["project_set_id"] = kept or self.sets.id_of(known)
                row["company_id"] = self.company_id
                rows[row["id"]] = row
        return rows

    def _presences(self, built: list[tuple[Agent, Built]]) -> Rows:
        rows: list[Row] = [
            {
                "company_id": self.company_id,
                "id": stable_id(span.start, "presence", agent.id.hex),
                "agent_id": agent.id,
                "operator_id": agent.operator_id,
                "starts_at": utc(span.start),
                "ends_at": utc(span.end),
                "going_on": span.going_on,
            }
            for agent, one in built
            for span in one.presences
        ]
        return {row["id"]: row for row in rows}


def _covered(rows: Rows, stretches: Mapping[uuid.UUID, _Stretch]) -> Rows:
    """Return those of the rows that are built anew."""
    found = {}
    for key, row in rows.items():
        stretch, at = stretches[row["agent_id"]], int(row["starts_at"].timestamp())
        if stretch.since <= at and (stretch.until is None or at < stretch.until):
            found[key] = row
    return found


def _status(agent: Agent, word: Word | tuple[None, None], piece: Piece) -> Row:
    names = sorted(
        "\0".join((source.hex, *(() if kind == "queue" else (kind,)), word))
        for source, kind, word in piece.queues
    )
    told = hashlib.blake2b("\0\0".join(names).encode("utf-8", "surrogatepass"), digest_size=16)
    return {
        "id": stable_id(piece.start, "status", agent.id.hex, str(piece.end == piece.start)),
        "agent_id": agent.id,
        "operator_id": agent.operator_id,
        "source_id": word[0],
        "agent_raw": word[1],
        "status": piece.status,
        "reason": piece.reason,
        "starts_at": utc(piece.start),
        "ends_at": utc(piece.end),
        "going_on": piece.going_on,
        "begins": piece.begins,
        "queues": told.hexdigest(),
    }


class _Stamped:
    """The projects that statuses were stamped with, by agent and queues."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row["starts_at"]):
            self._rows[row["agent_id"], row["queues"], row["status"] == TALK].append(row)

    def of(self, new: Row) -> uuid.UUID | None:
        """Return what the status was stamped with where it begins, as far as it is the same."""
        rows = self._rows.get((new["agent_id"], new["queues"], False), [])
        place = bisect.bisect_right(rows, new["starts_at"], key=lambda row: row["ends_at"])
        if place < len(rows) and rows[place]["starts_at"] < new["ends_at"]:
            found: uuid.UUID = rows[place]["project_set_id"]
            return found
        return None


class _Projects:
    """The projects of queues, at a time."""

    def __init__(self, company_id: int, queues: set[Queue]) -> None:
        words: dict[uuid.UUID, set[tuple[str, str]]] = defaultdict(set)
        for source_id, kind, raw in queues:
            words[source_id].add((kind, raw))
        self._known = {
            source_id: meanings(company_id, source_id, of_source)
            for source_id, of_source in words.items()
        }

    def of(self, piece: Piece) -> frozenset[uuid.UUID]:
        at = utc(piece.start)
        meant = (self._known[source].of(kind, raw, at) for source, kind, raw in piece.queues)
        return frozenset(one.project_id for one in meant if one.project_id is not None)


def _write(company_id: int, model: Any, old: Rows, new: Rows) -> list[Row]:
    """Write what differs; return the rows that came, went and changed."""
    delete_rows(model, company_id, gone(old, new))
    write_changed(model, old, new)
    return both_sides(old, new)
