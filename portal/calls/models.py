"""Calls, their visits and offers. What they were built from: :mod:`.evidence`.

For who reads (the call log, reports):

* The rows of the log are :class:`Visit` rows, and nothing else is needed for them: number, queue,
  operator, wait, talk and result are the visit's own part of its call. Draw visits with one
  ``call_id`` together; a call's page is its visits by ``ordinal`` and their :class:`Offer` rows.
  Never read :class:`Call` for who sees only some projects: its row belongs to no project.
* ``project_id`` is stamped at the time of the call; None = unassigned, seen by "see everything".
* ``queue_raw``, ``agent_raw``, ``trunk_raw``, ``account_raw``, ``context_raw``, ``did`` are the
  exchange's own words; ``queue_id``, ``dialer_id`` and ``operator_id`` what they are mapped to (or
  None). Join the names with outer joins and fall back to the raw word: the object may have moved
  to a project one may not see.
* A visit is of a queue or of a dialer, never of both. What followed a transfer has the queue or
  dialer of the visit before it: the visits of a project are those of its queues and its dialers,
  and those of words that mean the project itself.
* Keyset: ``(company_id, started_at desc, id desc)`` and with ``project_id`` before ``started_at``.
* ``number`` is the other party's as the exchange wrote it; search ``digits`` by prefix and
  ``digits_reversed`` by suffix, with range operators.
* Exact totals come from the roll-ups in :mod:`.figures`. Visits = ``visits``.
  Calls over any set of projects, no other filter = sum of ``first_visits`` (one for each call that
  stays in one project) + ``count(distinct call_id)`` of the visits with ``crosses_projects``.
  Calls under any filter = sum of ``only_visits`` + ``count(distinct call_id)`` of the visits that
  are not ``only_visit``.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.calls.evidence import CallSource
from portal.database import MaybeOwned, Ref
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario

DIRECTIONS = ("in", "out", "internal")
# What a visit is: a stay in a queue; a call without one; what followed a transfer; an operator's
# question to somebody else while the caller waited.
VISIT_KINDS = ("queue", "direct", "transfer", "consultation")
RESULTS = (
    "answered",  # a person answered; never the mere pick-up by a menu or a queue
    "abandoned",  # the caller left while waiting
    "timed_out",  # the queue gave up
    "left_by_key",  # the caller pressed a key
    "queue_empty",  # no operator was left in the queue
    "withdrawn",  # taken out of the queue by the exchange
    "refused",  # the exchange hung up before anybody was rung
    "left_menu",  # the caller left in a menu or announcement
    "no_answer",  # rang, and nobody took it (or the caller gave up: the record does not tell)
    "busy",
    "failed",
    "lost",  # the exchange stopped while the call was up: neither answered nor abandoned
    "in_progress",  # no end seen yet
)
# How a step of a scenario ended: in the next one, in a queue, in what came after the scenario.
STEP_EXITS = ("step", "queue", "left", "hangup", "open")
OFFER_RESULTS = ("answered", "no_answer", "refused", "cancelled", "taken_by_other")


class Call(MaybeOwned, db.Model):
    """One conversation attempt. Of no project: only who sees everything sees this row."""

    __tablename__ = "calls"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        Index("ix_calls_started", "company_id", text("started_at DESC"), text("id DESC")),
        Index(None, "company_id", "source_id", "native_key"),
    )

    source = Ref(CallSource)
    native_key: Mapped[str] = mapped_column(String(150))
    user_field: Mapped[str] = mapped_column(String(255), default="")
    account: Mapped[str] = mapped_column(String(100), default="")
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    direction: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(128))
    caller_name: Mapped[str] = mapped_column(String(255))
    did: Mapped[str | None] = mapped_column(String(128))
    result: Mapped[str] = mapped_column(String(12))
    # Until the first answer, or until the caller was gone; all talk together. Whole seconds.
    wait_s: Mapped[int | None]
    talk_s: Mapped[int | None]
    visits: Mapped[int]


def _to(target: Any, column: str) -> ForeignKeyConstraint:
    """A reference without the index that Ref makes: the indexes here are chosen by hand."""
    table = target.__tablename__
    return ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"])


def _word(name: str, column: str) -> Index:
    """An index that finds the calls with a word, and in their order. Most visits have no such."""
    given = text(f"{column} IS NOT NULL")
    keys = ("company_id", "source_id", column, "call_id")
    return Index(name, *keys, sqlite_where=given, postgresql_where=given)


def _desc(name: str, *columns: str, where: str | None = None, include: str = "") -> Index:
    """An index that gives the newest first."""
    condition = text(where) if where else None
    return Index(
        name,
        "company_id",
        *columns,
        text("started_at DESC"),
        text("id DESC"),
        sqlite_where=condition,
        postgresql_where=condition,
        postgresql_include=include.split(),
    )


class Visit(MaybeOwned, db.Model):
    """One stay of a call in one queue, or its part outside queues. The row of the call log."""

    __tablename__ = "visits"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _to(Call, "call_id"),
        _to(Queue, "queue_id"),
        _to(Dialer, "dialer_id"),
        _to(User, "operator_id"),
        _desc("ix_visits_started"),
        _desc("ix_visits_project", "project_id", include="result direction operator_id queue_id"),
        _desc(
            "ix_visits_operator",
            "operator_id",
            where="operator_id IS NOT NULL",
            include="project_id result",
        ),
        _desc("ix_visits_queue", "queue_id", where="queue_id IS NOT NULL"),
        _desc("ix_visits_dialer", "dialer_id", where="dialer_id IS NOT NULL"),
        _desc("ix_visits_crossing", where="crosses_projects", include="project_id call_id"),
        _desc("ix_visits_several", where="NOT only_visit", include="project_id call_id"),
        Index(
            "ix_visits_digits",
            "company_id",
            "digits",
            postgresql_ops={"digits": "text_pattern_ops"},
        ),
        Index(
            "ix_visits_digits_reversed",
            "company_id",
            "digits_reversed",
            postgresql_ops={"digits_reversed": "text_pattern_ops"},
        ),
        Index(None, "company_id", "call_id"),
        _word("ix_visits_queue_raw", "queue_raw"),
        _word("ix_visits_did", "did"),
        _word("ix_visits_trunk_raw", "trunk_raw"),
        _word("ix_visits_account_raw", "account_raw"),
        _word("ix_visits_context_raw", "context_raw"),
        Index("ix_visits_agent_raw", "company_id", "source_id", "agent_raw"),
    )

    call_id: Mapped[uuid.UUID]
    source_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]  # 1 is the call's first visit
    kind: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    direction: Mapped[str] = mapped_column(String(8))
    result: Mapped[str] = mapped_column(String(12))
    wait_s: Mapped[int | None]  # whole seconds; None = not known
    talk_s: Mapped[int | None]
    ended_by: Mapped[str | None] = mapped_column(String(8))  # caller, operator, transfer, exchange
    transferred_to: Mapped[str | None] = mapped_column(String(128))
    number: Mapped[str] = mapped_column(String(128))
    digits: Mapped[str] = mapped_column(String(40))
    digits_reversed: Mapped[str] = mapped_column(String(40))
    caller_name: Mapped[str] = mapped_column(String(255))
    did: Mapped[str | None] = mapped_column(String(128))
    queue_raw: Mapped[str | None] = mapped_column(String(128))
    agent_raw: Mapped[str | None] = mapped_column(String(150))
    trunk_raw: Mapped[str | None] = mapped_column(String(150))
    queue_id: Mapped[uuid.UUID | None]
    dialer_id: Mapped[uuid.UUID | None]
    operator_id: Mapped[uuid.UUID | None]
    provider_id: Mapped[uuid.UUID | None]  # the SIP provider whose line it was
    first_in_project: Mapped[bool]  # the call's first visit in this project (or in none)
    crosses_projects: Mapped[bool]  # the call has visits in another project too
    only_visit: Mapped[bool]  # the call has no other visit
    # Of outbound calls only: what the exchange dialled on behalf of, and by which of its rules.
    account_raw: Mapped[str | None] = mapped_column(String(128))
    context_raw: Mapped[str | None] = mapped_column(String(128))
    # Which kind of word told the project, and the rule by which it did; None: the word's meaning.
    stamped_by: Mapped[str | None] = mapped_column(String(8))
    rule_id: Mapped[uuid.UUID | None]


class Offer(MaybeOwned, db.Model):
    """One attempt to hand a visit to an operator. In the project of its visit."""

    __tablename__ = "offers"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _to(User, "operator_id"),
        Index("ix_offers_agent_raw", "company_id", "source_id", "agent_raw"),
    )

    visit = Ref(Visit)
    source_id: Mapped[uuid.UUID]
    ordinal: Mapped[int]
    at: Mapped[dt.datetime]
    agent_raw: Mapped[str] = mapped_column(String(150))
    operator_id: Mapped[uuid.UUID | None]
    result: Mapped[str] = mapped_column(String(16))
    ring_ms: Mapped[int | None]


class VisitTag(MaybeOwned, db.Model):
    """One tag of a visit. In the project of its visit."""

    __tablename__ = "visit_tags"
    __audit__ = False  # an import is one entry
    __table_args__ = (UniqueConstraint("company_id", "visit_id", "tag"),)

    visit = Ref(Visit)
    tag: Mapped[str] = mapped_column(String(100))


class ScenarioStep(MaybeOwned, db.Model):
    """One step of a scenario that a call went through. In the project of what the scenario means.

    It belongs to no visit: who hangs up in a scenario has been in no queue.
    """

    __tablename__ = "scenario_steps"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        _to(Scenario, "scenario_id"),
        _desc("ix_scenario_steps_started"),
        _desc("ix_scenario_steps_project", "project_id"),
        Index(None, "company_id", "source_id", "thread"),
        Index(None, "company_id", "source_id", "scenario_raw"),
        Index(None, "company_id", "scenario_id"),
    )

    source_id: Mapped[uuid.UUID]
    thread: Mapped[str] = mapped_column(String(150))  # the channel that went through it
    ordinal: Mapped[int]
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    scenario_raw: Mapped[str] = mapped_column(String(128))
    scenario_id: Mapped[uuid.UUID | None]
    step: Mapped[str] = mapped_column(String(128))
    exit: Mapped[str] = mapped_column(String(8))  # one of STEP_EXITS
