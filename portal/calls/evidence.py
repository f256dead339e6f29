"""Sources of calls, what was read from them, and what their words mean here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.calls.masks import masked_pattern
from portal.database import CompanyScoped, MaybeOwned, Ref, utcnow
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.objects.kinds.sip_provider import SipProvider

# What only rules give a meaning, not word by word: what a call was tagged with (its user field or
# account code), the number that was called from here, and whatever nothing else assigns.
RULED = ("tag", "number", "source")


class CallSource(CompanyScoped, db.Model):
    """One exchange that calls come from. ``timezone`` reads its local times without epoch.

    ``system`` is a word for people. What is uploaded, sent and followed can be mixed; what
    comes is told by itself, not by the system.
    """

    __tablename__ = "call_sources"
    __table_args__ = (
        UniqueConstraint("company_id", "name_key"),
        UniqueConstraint("token_hash"),
    )

    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    system: Mapped[str] = mapped_column(String(12), default="asterisk")
    timezone: Mapped[str] = mapped_column(String(64))
    # Files and folders that a worker follows, one a line.
    paths: Mapped[str] = mapped_column(Text, default="")
    # The sealed address of a database that a worker reads, and how far back it looks again at what
    # may have come late.
    database_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    overlap_s: Mapped[int] = mapped_column(default=3600)
    # What lets an exchange send calls: the hash of its token, and the token's end to tell it by.
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    token_end: Mapped[str] = mapped_column(String(4), default="")
    # For so many days raw lines are kept; None: for ever.
    keep_days: Mapped[int | None]
    # When a worker last looked, when something last came, and what is wrong since when.
    looked_at: Mapped[dt.datetime | None]
    last_data_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(String(500), default="")
    error_since: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    version: Mapped[int] = mapped_column(default=1)


class Identity(MaybeOwned, db.Model):
    """One word of a source and what it means here: a queue, a dialer, a person, a project …

    Made unmapped when the word is first seen. Which kind may mean what: ``ALLOWED`` in operations.
    """

    __tablename__ = "call_identities"
    __table_args__ = (UniqueConstraint("company_id", "source_id", "kind", "raw"),)

    source = Ref(CallSource)
    kind: Mapped[str] = mapped_column(String(8))
    raw: Mapped[str] = mapped_column(String(150))
    queue: Mapped[Queue | None] = Ref(Queue, nullable=True)  # type: ignore[assignment]  # Ref makes it
    user: Mapped[User | None] = Ref(User, nullable=True)  # type: ignore[assignment]  # as above
    dialer: Mapped[Dialer | None] = Ref(Dialer, nullable=True)  # type: ignore[assignment]  # as above
    scenario: Mapped[Scenario | None] = Ref(Scenario, nullable=True)  # type: ignore[assignment]  # as above
    provider: Mapped[SipProvider | None] = Ref(SipProvider, nullable=True)  # type: ignore[assignment]  # as above
    first_seen_at: Mapped[dt.datetime | None]
    last_seen_at: Mapped[dt.datetime | None]
    ignored: Mapped[bool] = mapped_column(default=False)
    # A rule covers it: it is not without a meaning.
    ruled: Mapped[bool] = mapped_column(default=False, info={"audit": False})
    version: Mapped[int] = mapped_column(default=1)


class CallRule(MaybeOwned, db.Model):
    """What all words of a source that a pattern covers mean, from one day to another.

    ``kind``: that of the words, or one of :data:`RULED`. The days are of the source's zone, both
    included; None: for ever. Without a meaning the words are ignored.
    """

    __tablename__ = "call_rules"

    source: Mapped[CallSource] = Ref(CallSource)  # type: ignore[assignment]  # Ref makes it
    kind: Mapped[str] = mapped_column(String(8))
    pattern: Mapped[str] = mapped_column(String(150), info={"audit_as": "rule_pattern"})
    valid_from: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    queue: Mapped[Queue | None] = Ref(Queue, nullable=True)  # type: ignore[assignment]  # as above
    user: Mapped[User | None] = Ref(User, nullable=True)  # type: ignore[assignment]  # as above
    dialer: Mapped[Dialer | None] = Ref(Dialer, nullable=True)  # type: ignore[assignment]  # as above
    scenario: Mapped[Scenario | None] = Ref(Scenario, nullable=True)  # type: ignore[assignment]  # as above
    provider: Mapped[SipProvider | None] = Ref(SipProvider, nullable=True)  # type: ignore[assignment]  # as above
    version: Mapped[int] = mapped_column(default=1)

    @staticmethod
    def audit_name(values: Mapping[str, Any]) -> str:
        """Return what the trail calls a rule: one of numbers as it calls numbers."""
        pattern = str(values.get("pattern", ""))
        return masked_pattern(pattern) if values.get("kind", "number") == "number" else pattern


class ImportRun(MaybeOwned, db.Model):
    """One run of an import. ``lines_read`` is always the sum of the five counts after it."""

    __tablename__ = "import_runs"
    __audit__ = False  # an import is one entry
    __table_args__ = (Index(None, "company_id", "started_at"),)

    source = Ref(CallSource)
    by: Mapped[User | None] = Ref(User, nullable=True)  # type: ignore[assignment]  # as above
    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(String(8), default="running")  # running, done, failed
    error: Mapped[str] = mapped_column(String(500), default="")
    # What came by itself in one day (UTC): sent by an exchange, or followed.
    continuous: Mapped[bool] = mapped_column(default=False)
    files: Mapped[int] = mapped_column(default=0)
    bytes_total: Mapped[int] = mapped_column(default=0)
    bytes_done: Mapped[int] = mapped_column(default=0)
    lines_read: Mapped[int] = mapped_column(default=0)
    lines_ok: Mapped[int] = mapped_column(default=0)
    lines_blank: Mapped[int] = mapped_column(default=0)
    lines_malformed: Mapped[int] = mapped_column(default=0)
    lines_unknown: Mapped[int] = mapped_column(default=0)
    lines_duplicate: Mapped[int] = mapped_column(default=0)
    # Lines of these files that earlier runs had read already, and lines still without an end.
    lines_known: Mapped[int] = mapped_column(default=0)
    lines_pending: Mapped[int] = mapped_column(default=0)
    calls_new: Mapped[int] = mapped_column(default=0)
    calls_changed: Mapped[int] = mapped_column(default=0)
    # Agents whose time is still to be built, from when to when: see runs.Building.
    touched: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class EvidenceFile(MaybeOwned, db.Model):
    """One file of a source and how far it has been read. Known by its first bytes, not its name.

    What is sent, and a table that is read, is a file that has no fingerprint: see :mod:`.feeding`.
    """

    __tablename__ = "evidence_files"
    __audit__ = False  # an import is one entry
    __table_args__ = (Index(None, "company_id", "source_id", "kind"),)

    source = Ref(CallSource)
    kind: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    fingerprint_bytes: Mapped[int]
    # Bytes up to the end of the last complete line, and how many lines those were.
    offset: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    # What follows without a line end, when the file was last read.
    pending: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    # The order of files: the time of the first and last line that has one, epoch seconds.
    first_at: Mapped[int | None]
    last_at: Mapped[int | None]
    # How far a table has been read, as its reader understands it.
    position: Mapped[str] = mapped_column(String(200), default="")


def _where_given(name: str, *columns: str) -> Index:
    """An index of the rows that have a value: most lines have none of these."""
    given = text(f"{columns[0]} IS NOT NULL")
    keys = ("company_id", "source_id", *columns)
    return Index(name, *keys, sqlite_where=given, postgresql_where=given)


# The tag under which lines are kept that say what an operator does between calls begins so.
OPERATOR_TAG = "operator:"
# Lines that may be forgotten: those, and lines that are emptied, never are.
FORGETTABLE = (
    f"length(raw) > 0 AND coalesce(substr(tag, 1, {len(OPERATOR_TAG)}), '') <> '{OPERATOR_TAG}'"
)


def _due(name: str, column: str, timed: str) -> Index:
    """An index by which lines are found that are due to be forgotten."""
    where = text(f"at IS {timed} AND {FORGETTABLE}")
    keys = ("company_id", "source_id", column)
    return Index(name, *keys, sqlite_where=where, postgresql_where=where)


class EvidenceLine(MaybeOwned, db.Model):
    """One line as it was read, with the verdict on it. Emptied when its time is over."""

    __tablename__ = "evidence_lines"
    __audit__ = False  # an import is one entry
    __table_args__ = (
        UniqueConstraint("company_id", "file_id", "number"),
        Index("ix_evidence_lines_hash", "company_id", "source_id", "hash"),
        Index("ix_evidence_lines_thread", "company_id", "source_id", "thread"),
        _where_given("ix_evidence_lines_linked", "linked_thread"),
        _where_given("ix_evidence_lines_channel", "channel"),
        _where_given("ix_evidence_lines_peer", "peer_channel"),
        _where_given("ix_evidence_lines_tag", "tag", "at"),
        _due("ix_evidence_lines_due", "at", "NOT NULL"),
        _due("ix_evidence_lines_due_untimed", "id", "NULL"),
        Index(
            "ix_evidence_lines_faulty",
            *("company_id", "source_id", "run_id"),
            sqlite_where=text("verdict IN ('malformed', 'unknown')"),
            postgresql_where=text("verdict IN ('malformed', 'unknown')"),
        ),
    )

    source_id: Mapped[uuid.UUID]
    file = Ref(EvidenceFile)
    run_id: Mapped[uuid.UUID]
    number: Mapped[int]
    offset: Mapped[int]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    verdict: Mapped[str] = mapped_column(String(10))  # ok, blank, malformed, unknown, duplicate
    reason: Mapped[str] = mapped_column(String(100), default="")
    # Equal lines have an equal hash; the n-th of them in the log has occurrence n, and one row
    # with that number, in whichever file it came first, is not a duplicate.
    hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    occurrence: Mapped[int] = mapped_column(default=1)
    # What ties lines together into calls: the call id, another call id, channels, a common tag.
    at: Mapped[int | None]
    thread: Mapped[str | None] = mapped_column(String(150))
    linked_thread: Mapped[str | None] = mapped_column(String(150))
    channel: Mapped[str | None] = mapped_column(String(150))
    peer_channel: Mapped[str | None] = mapped_column(String(150))
    tag: Mapped[str | None] = mapped_column(String(150))
