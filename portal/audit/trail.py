"""The trail writes itself: from each flush, in the same transaction, into a chain of hashes.

An operation may add what a change means (:func:`note`); what no flush shows, such as an export or
a sign-in, is told by :func:`record`. Nothing else writes entries, and nothing changes them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, has_app_context, has_request_context, request
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Mapper, Session

from portal.audit.changes import Change, changes, kind_of, name_of
from portal.audit.models import AuditEntry, AuditHead
from portal.database import CompanyRow, ProjectOwned, ProjectShared, new_id, utcnow
from portal.extensions import db
from portal.objects.registry import KINDS
from portal.projects.models import Project
from portal.wall.scope import current, unscoped

SYSTEM = "System"
_FIRST = "0" * 64


def install() -> None:
    """Listen to the sessions of the portal, once in a process."""
    if not event.contains(db.session, "after_flush", _collect):
        event.listen(db.session, "after_flush", _collect)
        event.listen(db.session, "before_commit", _write)
        event.listen(db.session, "after_soft_rollback", _forget)


@event.listens_for(Mapper, "mapper_configured")
def _remember_old_values(mapper: Mapper[Any], cls: type) -> None:
    if (issubclass(cls, CompanyRow) or cls.__name__ == "Company") and getattr(cls, "__audit__", True):
        for attribute in mapper.column_attrs:
            event.listen(getattr(cls, attribute.key), "set", _unchanged, active_history=True)


def _unchanged(target: Any, value: Any, old: Any, initiator: Any) -> None:
    """Listening is enough: SQLAlchemy then loads the old value before it sets the new one."""


def note(thing: Any, action: str, detail: dict[str, Any] | None = None) -> None:
    """Say what the change of ``thing`` in this transaction means, e.g. 'locked' for a user."""
    notes = db.session.info.setdefault("trail_notes", {})
    identifier = getattr(thing, "id", None)
    identifier = uuid.UUID(int=identifier) if isinstance(identifier, int) else identifier
    notes[kind_of(type(thing)), identifier] = (action, detail)


def record(
    action: str,
    *,
    kind: str,
    object_id: uuid.UUID | None = None,
    object_name: str = "",
    project_ids: Iterable[uuid.UUID] = (),
    detail: dict[str, Any] | None = None,
    company_id: int | None = None,
    actor: Any = None,
) -> None:
    """Record what no flush shows: an entry for each project, or one of the company."""
    if has_request_context() and not g.get("commit_read"):
        g.commit_read = True
        if request.method in {"GET", "HEAD"}:
            db.session.rollback()  # the transaction that only read cannot become one that writes
    entry = {
        "action": action,
        "kind": kind,
        "object_id": object_id,
        "object_name": object_name[:300],
        "before": None,
        "after": None,
        "detail": detail,
        **({"actor_id": actor.id, "actor_name": actor.name} if actor is not None else {}),
    }
    company = company_id if company_id is not None else current().company_id
    change_id = new_id()
    for project_id in list(project_ids) or [None]:
        row = {**entry, "project_id": project_id, "change_id": change_id}
        db.session.info.setdefault("trail_records", []).append((company, row))


@contextmanager
def acting_as(name: str, actor_id: uuid.UUID | None = None) -> Iterator[None]:
    """Name who acts in a job or a command."""
    before, g.trail_actor = g.get("trail_actor"), (actor_id, name)
    try:
        yield
    finally:
        g.trail_actor = before


def _collect(session: Session, context: Any) -> None:
    with unscoped("the trail names what was changed, in whichever project it is"):
        pending: dict[tuple[int, str, uuid.UUID], Change] = session.info.setdefault("trail", {})
        for change in changes(session):
            key = (change.company_id, change.kind, change.object_id)
            if key in pending:
                pending[key].absorb(change)
            else:
                pending[key] = change


def _forget(session: Session, previous: Any) -> None:
    if not session.in_transaction() or not previous.nested:
        for name in ("trail", "trail_notes", "trail_records"):
            session.info.pop(name, None)


def _write(session: Session) -> None:
    """Write the entries of this transaction, company by company: no two wait for each other."""
    session.flush()
    pending = session.info.pop("trail", {})
    notes = session.info.pop("trail_notes", {})
    rows: dict[int, list[dict[str, Any]]] = {}
    if pending:
        with unscoped("each project that a change touches gets its entry"):
            for change in pending.values():
                action, detail = notes.get((change.kind, change.object_id), (change.action, None))
                change.action, change.detail = action, detail
                if not change.empty:
                    rows.setdefault(change.company_id, []).extend(_entries(session, change))
    for company_id, row in session.info.pop("trail_records", ()):
        rows.setdefault(company_id, []).append(row)
    if rows:
        with unscoped("the chain of a company is longer than what one person sees of it"):
            for company_id in sorted(rows):
                _append(session, company_id, rows[company_id])


def _entries(session: Session, change: Change) -> Iterator[dict[str, Any]]:
    """Yield the entries of a change: for each project only what its viewers may know."""
    entry = {
        "kind": change.kind,
        "object_id": change.object_id,
        "object_name": change.name[:300],
        "change_id": new_id(),
        "before": change.before or None,
        "after": change.after or None,
        "detail": change.detail,
    }
    if change.moved is None:
        for project_id in _projects(session, change):
            yield {**entry, "action": change.action, "project_id": project_id}
        return
    old, new = change.moved
    yield {**entry, "action": "moved_out", "project_id": old}
    yield {**entry, "action": "moved_in", "project_id": new}
    names = [name_of(session, Project, change.company_id, one) for one in change.moved]
    before = {**change.before, "project": names[0]}
    after = {**change.after, "project": names[1]}
    yield {**entry, "action": "moved", "project_id": None, "before": before, "after": after}


def _projects(session: Session, change: Change) -> list[uuid.UUID | None]:
    """Return the projects in whose feed a change stands; [None]: in the company's only."""
    if change.kind == "project":
        return [change.object_id]
    model = next((k.model for k in KINDS.values() if k.name == change.kind), None)
    if model is None:
        return [None]
    if issubclass(model, ProjectOwned):
        return [change.thing.project_id]
    assert issubclass(model, ProjectShared)
    link = model.Link
    where = (link.company_id == change.company_id, link.object_id == change.object_id)
    return list(session.scalars(select(link.project_id).where(*where))) or [None]


def _append(session: Session, company_id: int, rows: list[dict[str, Any]]) -> None:
    connection = session.connection()
    heads = AuditHead.__table__
    head = connection.execute(
        select(heads.c.seq, heads.c.hash).where(heads.c.company_id == company_id).with_for_update()
    ).first()
    if head is None:
        connection.execute(insert(heads).values(company_id=company_id, seq=0, hash=_FIRST))
    seq, last = head or (0, _FIRST)
    common = {"company_id": company_id, "at": utcnow(), **_who()}
    written = []
    for row in rows:
        seq += 1
        entry = {**common, "id": new_id(), **row, "seq": seq, "prev_hash": last}
        last = entry["hash"] = entry_hash(entry)
        written.append(entry)
    connection.execute(insert(AuditEntry.__table__), written)
    connection.execute(
        update(heads).where(heads.c.company_id == company_id).values(seq=seq, hash=last)
    )


def _who() -> dict[str, Any]:
    actor_id, actor_name = (g.get("trail_actor") if has_app_context() else None) or (None, SYSTEM)
    if has_app_context() and g.get("actor") is not None and actor_id is None:
        actor_id, actor_name = g.actor.id, g.actor.name
    return {
        "actor_id": actor_id,
        "actor_name": actor_name,
        "address": (request.remote_addr or "") if has_request_context() else "",
        "request_id": g.get("request_id", "") if has_app_context() else "",
    }


_HASHED = (
    "company_id", "id", "project_id", "seq", "actor_id", "actor_name", "address", "request_id",
    "action", "kind", "object_id", "object_name", "change_id", "before", "after", "detail",
    "prev_hash",
)  # fmt: skip


def entry_hash(entry: Any) -> str:
    """Return the SHA-256 of an entry, which covers the hash of the one before it."""
    values = [entry[name] for name in _HASHED]
    values.append(entry["at"].isoformat())
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(company_id: int) -> tuple[int, str | None]:
    """Go along a company's chain; return its length and what is wrong first, if anything."""
    entries, heads = AuditEntry.__table__, AuditHead.__table__
    last, seq = _FIRST, 0
    with unscoped("the whole chain is checked"):
        connection = db.session.connection()
        found = connection.execution_options(yield_per=1000).execute(
            select(entries).where(entries.c.company_id == company_id).order_by(entries.c.seq)
        )
        for row in found.mappings():
            seq += 1
            if row["seq"] != seq:
                return seq - 1, f"entry {seq} is missing"
            if row["prev_hash"] != last or entry_hash(row) != row["hash"]:
                return seq - 1, f"entry {seq} has been changed"
            last = row["hash"]
        head = connection.execute(
            select(heads.c.seq, heads.c.hash).where(heads.c.company_id == company_id)
        ).first()
    if (head.seq, head.hash) != (seq, last) if head else seq:
        return seq, "entries are missing at the end"
    return seq, None
