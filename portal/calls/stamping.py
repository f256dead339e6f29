"""What an exchange's words mean here, and what that makes of a visit: project, queue, operator.

A visit is stamped once, at import, with the project as it is then. A queue that moves later leaves
its history behind unless somebody decides otherwise; only a changed meaning of a word, or a visit
that had no project yet, is stamped again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import tuple_

from portal.calls.evidence import Identity
from portal.calls.homes import homes_of
from portal.calls.rules import NOTHING, Meaning, Rules, Span, meaning_of, meant, rules_of
from portal.extensions import db

Word = tuple[str, str]  # kind and raw value
WORD_LENGTH = 128
_CHUNK = 2000
# The kinds of words and where a visit has them.
WORDS = (
    ("queue", "queue_raw"),
    ("agent", "agent_raw"),
    ("account", "account_raw"),
    ("context", "context_raw"),
    ("did", "did"),
    ("trunk", "trunk_raw"),
)
_COLUMNS = {**dict(WORDS), "number": "number"}
# What tells whose a call is that no queue tells: the more particular first.
_LINES = ("account", "context", "did", "number", "trunk")
EVERYTHING = "*"  # the word that every visit of a source has
STAMP = ("project_id", "queue_id", "dialer_id", "stamped_by", "rule_id")
FOLLOWING = ("transfer", "consultation")


Row = dict[str, Any]  # the columns of one visit
Tags = tuple[str, ...]  # what a call was tagged with, the first that means something counts


class Meanings:
    """The meanings of the words of one source; unknown words mean nothing.

    ``homes``: the only project of people who are in one.
    """

    def __init__(
        self,
        meanings: Mapping[Word, Meaning],
        rules: Rules | None = None,
        homes: Mapping[uuid.UUID, uuid.UUID] | None = None,
    ) -> None:
        self._meanings, self._rules, self._homes = meanings, rules or Rules(), homes or {}
        self._spans: dict[Word, list[Span]] = {}

    @property
    def has_tags(self) -> bool:
        return self._rules.has("tag")

    def of(self, kind: str, raw: str | None, at: dt.datetime) -> Meaning:
        if not raw:
            return NOTHING
        if not self._rules.has(kind):
            return self._meanings.get((kind, raw), NOTHING)
        return next((span.meaning for span in self.spans(kind, raw) if at in span), NOTHING)

    def spans(self, kind: str, raw: str) -> list[Span]:
        """Return what a word means, from the first day to the last."""
        word = (kind, raw)
        if word not in self._spans:
            self._spans[word] = self._rules.spans(kind, raw, self._meanings.get(word))
        return self._spans[word]

    def stamp(
        self,
        visits: Sequence[Row],
        before: Mapping[uuid.UUID, Row],
        tags: Tags = (),
        again: Mapping[uuid.UUID, Row] | None = None,
    ) -> None:
        """Stamp all visits of one call, in order; ``before`` are the stamps to keep, by id.

        ``again``: visits as they were that are stamped again; what still means the same queue,
        dialer or person stays in the project where that was then.
        """
        leading = NOTHING
        for visit in visits:
            at = visit["started_at"]
            visit["operator_id"] = self.of("agent", visit["agent_raw"], at).user_id
            visit["provider_id"] = self.of("trunk", visit["trunk_raw"], at).provider_id
            meaning = self._tagged(self._meaning(visit, leading), at, tags)
            stamp = {key: getattr(meaning, key) for key in STAMP}
            old = before.get(visit["id"])
            if old is not None and self._keeps_stamp(old, visit, meaning):
                stamp = {key: old[key] for key in STAMP}
            elif (
                again and (was := again.get(visit["id"])) and _is_meant_as_before(was, visit, stamp)
            ):
                stamp["project_id"] = was["project_id"]
            visit.update(stamp)
            if visit["kind"] not in FOLLOWING:
                leading = Meaning(**stamp)
        flag(visits)

    def stamp_step(self, step: Row, old: Row | None) -> None:
        """Stamp a step of a scenario; one that is of the same scenario keeps its project."""
        meaning = self.of("scenario", step["scenario_raw"], step["started_at"])
        step["scenario_id"], step["project_id"] = meaning.scenario_id, meaning.project_id
        if old and old["scenario_id"] is not None and old["scenario_id"] == meaning.scenario_id:
            step["project_id"] = old["project_id"]

    def _tagged(self, meaning: Meaning, at: dt.datetime, tags: Tags) -> Meaning:
        """Let a tag tell the project; the queue or dialer stays if it is of that project."""
        for text in tags:
            tag = self.of("tag", text[:WORD_LENGTH], at)
            if tag.project_id is not None:
                same = meaning.project_id == tag.project_id and tag.dialer_id is None
                return replace(meaning, rule_id=tag.rule_id, stamped_by="tag") if same else tag
        return meaning

    def _meaning(self, visit: Row, leading: Meaning) -> Meaning:
        """Tell whose a visit is: of its queue, of what it followed, or of what led to the call."""
        at = visit["started_at"]
        queue = self.of("queue", visit["queue_raw"], at)
        if queue.project_id is not None:
            return queue
        if visit["kind"] in FOLLOWING:
            return leading
        lines: list[Meaning] = []
        if visit["ordinal"] == 1 or visit["kind"] == "direct":
            lines = [self.of(kind, word_in(visit, kind), at) for kind in _LINES]
            home = self._homes.get(visit["operator_id"])
            lines.append(Meaning(project_id=home, stamped_by="agent"))
        lines.append(self.of("source", EVERYTHING, at))
        return next((line for line in lines if line.project_id is not None), NOTHING)

    def _keeps_stamp(self, old: Row, new: Row, meaning: Meaning) -> bool:
        """Tell whether the words by which the old visit was stamped are the new one's too."""
        tag = meaning.rule_id if meaning.stamped_by == "tag" else None
        old_tag = old["rule_id"] if old["stamped_by"] == "tag" else None
        if old["project_id"] is None or old_tag != tag:
            return False
        columns = ["kind", "queue_raw"]
        if not self._is_of_its_queue(old):
            columns += ["agent_raw", *(_COLUMNS[kind] for kind in _LINES)]
        if meaning.rule_id or old["rule_id"]:
            columns.append("started_at")
        return all(old[column] == new[column] for column in columns)

    def _is_of_its_queue(self, visit: Row) -> bool:
        queue = self.of("queue", visit["queue_raw"], visit["started_at"])
        known = visit["queue_id"] or visit["dialer_id"]
        return known is not None and known == (queue.queue_id or queue.dialer_id)


def _is_meant_as_before(was: Row, visit: Row, stamp: Row) -> bool:
    """Tell whether what tells whose a visit is has stayed, wherever it may be by now."""
    if was["project_id"] is None:
        return False
    if stamp["stamped_by"] == "agent":
        alike = was["stamped_by"] == "agent" and was["operator_id"] == visit["operator_id"]
        return alike and visit["operator_id"] is not None
    if stamp["stamped_by"] == "tag" and was["rule_id"] != stamp["rule_id"]:
        return False
    targets = ("queue_id", "dialer_id")
    known = any(stamp[one] is not None for one in targets)
    return known and all(was[one] == stamp[one] for one in targets)


def word_in(visit: Row, kind: str) -> str | None:
    """Return the word of a kind that a visit has; the number only if it was called from here."""
    if kind == "number" and visit["direction"] != "out":
        return None
    return EVERYTHING if kind == "source" else visit[_COLUMNS[kind]]


def meanings(company_id: int, source_id: uuid.UUID, words: Iterable[Word]) -> Meanings:
    """Load what ``words`` mean, and all rules of the source."""
    query = meant(Identity, Identity.raw, Identity.ignored).where(
        Identity.company_id == company_id, Identity.source_id == source_id
    )
    found: dict[Word, Meaning] = {}
    for part in chunks(sorted(set(words))):
        for row in db.session.execute(query.where(tuple_(Identity.kind, Identity.raw).in_(part))):
            meaning = meaning_of(row)
            if row.ignored or meaning != Meaning(stamped_by=row.kind):
                found[row.kind, row.raw] = meaning
    rules = rules_of(company_id, source_id)
    people = {one.user_id for one in found.values()} | rules.people()
    return Meanings(found, rules, homes_of(company_id, {one for one in people if one}))


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
