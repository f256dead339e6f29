"""The trail writes itself: from each flush, in the same transaction, into a chain of hashes.

An operation may add what a change means (:func:`note`); what no flush shows, such as an export or
a sign-in, is told by :func:`record`. Nothing else writes entries, and nothing changes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, has_app_context, has_request_context, request
from sqlalchemy import event, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction, UOWTransaction

from portal.audit import chain
from portal.audit.changes import (
    Change,
    changes,
    identifier_of,
    is_told,
    kind_of,
    load_what_goes,
    merged,
)
from portal.audit.entries import Row, entries
from portal.audit.values import clean, plain, searched
from portal.database import new_id, utcnow
from portal.extensions import db
from portal.projects.models import Project
from portal.wall.scope import current, unscoped

SYSTEM = "System"
_READS = {"GET", "HEAD", "OPTIONS"}

# What waits in a session for its commit.
_CHANGES, _NOTES, _FACTS, _MARKS = "trail_changes", "trail_notes", "trail_facts", "trail_marks"


class UntoldError(RuntimeError):
    """A statement would change rows behind the trail's back. A bug: nothing is changed."""


# --- what operations and views say


def note(thing: Any, action: str | None, detail: dict[str, Any] | None = None) -> None:
    """Say what the change of ``thing`` in this transaction means, e.g. 'mapped', and more of it."""
    notes = db.session.info.setdefault(_NOTES, {})
    notes[kind_of(thing.__class__), identifier_of(thing)] = (action, detail)


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
    refused: bool = False,
) -> None:
    """Record what no flush shows: an entry for each project, or one of the company.

    While a page is only read, and with ``refused``, when the request will be undone, the entry is
    written after it in a transaction of its own; before anything is sent. ``actor``: who it was, if
    nobody is signed in yet.
    """
    fact = {
        "action": action,
        "kind": kind,
        "object_id": object_id,
        "object_name": clean(object_name)[:300],
        "before": None,
        "after": None,
        "detail": plain(detail),
        **({"actor_id": actor.id, "actor_name": actor.name} if actor is not None else {}),
    }
    company = current().company_id if company_id is None else company_id
    projects = _seen(project_ids)
    apart = has_request_context() and (refused or request.method in _READS)
    waiting = g.setdefault(_FACTS, []) if apart else db.session.info.setdefault(_FACTS, [])
    waiting.append((company, [{**fact, "project_id": one} for one in projects or [None]]))


def _seen(project_ids: Iterable[uuid.UUID]) -> list[uuid.UUID | None]:
    """Return those projects that the actor sees: an address may name any."""
    wanted = list(project_ids)
    found = db.session.scalars(select(Project.id).where(Project.id.in_(wanted))) if wanted else ()
    return [*sorted(found)]


def write_apart() -> None:
    """Write what :func:`record` kept for after the request; the request's own work is settled."""
    facts = g.pop(_FACTS, None)
    if not facts:
        return
    g.commit_read = True  # SQLite: take the lock for writing
    try:
        db.session.info.setdefault(_FACTS, []).extend(facts)
        db.session.commit()
    finally:
        g.pop("commit_read")


@contextmanager
def acting_as(
    name: str = SYSTEM, actor_id: uuid.UUID | None = None, *, on_behalf_of: str = ""
) -> Iterator[None]:
    """Name who acts in a job or a command, and for whom."""
    before, g.trail_actor = g.get("trail_actor"), (actor_id, name, on_behalf_of)
    try:
        yield
    finally:
        g.trail_actor = before


def verify(company_id: int) -> tuple[int, str | None]:
    """Check a company's chain: return how many entries are sound, and the first fault."""
    with unscoped("the whole chain of a company is checked"):
        return chain.verify(db.session.connection(), company_id)


# --- what the session tells


def install() -> None:
    """Listen to the sessions of the portal, once in a process."""
    if event.contains(db.session, "after_flush", _after_flush):
        return
    event.listen(db.session, "before_flush", _before_flush)
    event.listen(db.session, "after_flush", _after_flush)
    event.listen(db.session, "before_commit", _before_commit)
    event.listen(db.session, "do_orm_execute", _on_execute)
    event.listen(db.session, "after_transaction_create", _mark)
    event.listen(db.session, "after_soft_rollback", _forget)


@event.listens_for(Mapper, "mapper_configured")
def _remember_old_values(mapper: Mapper[Any], cls: type) -> None:
    if is_told(cls):
        for attribute in mapper.column_attrs:
            event.listen(getattr(cls, attribute.key), "set", _look_on, active_history=True)


def _look_on(target: Any, value: Any, old: Any, initiator: Any) -> None:
    """Listening is enough: SQLAlchemy then loads the old value before it sets the new one."""


def _before_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    load_what_goes(session.deleted)


def _after_flush(session: Session, context: UOWTransaction) -> None:
    session.info.setdefault(_CHANGES, []).extend(changes(context))


def _on_execute(execution: ORMExecuteState) -> None:
    """Refuse bulk statements on what is recorded row by row; ``untold`` gives the reason."""
    if not (execution.is_insert or execution.is_update or execution.is_delete):
        return
    mapper = execution.bind_mapper
    if mapper is None or not is_told(mapper.class_):
        return
    if not execution.execution_options.get("untold"):
        raise UntoldError(f"a bulk statement on {mapper.class_.__name__} would leave no record")


def _mark(session: Session, transaction: SessionTransaction) -> None:
    """Note at a savepoint how much was changed before it."""
    if transaction.nested:
        marks = session.info.setdefault(_MARKS, {})
        marks[transaction] = (
            len(session.info.get(_CHANGES, ())),
            dict(session.info.get(_NOTES, {})),
            len(session.info.get(_FACTS, ())),
        )


def _forget(session: Session, transaction: SessionTransaction) -> None:
    """Forget what is undone: all of it, or what was changed since a savepoint.

    A flush that fails takes along the transaction or the savepoint that it ran in.
    """
    while not transaction.nested and transaction.parent is not None:
        transaction = transaction.parent
    mark = session.info.get(_MARKS, {}).pop(transaction, None)
    if mark is not None:
        changed, notes, facts = mark
        del session.info.setdefault(_CHANGES, [])[changed:]
        session.info[_NOTES] = notes
        del session.info.setdefault(_FACTS, [])[facts:]
    elif not transaction.nested:
        for name in (_CHANGES, _NOTES, _FACTS, _MARKS):
            session.info.pop(name, None)


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is only released
        return
    session.flush()
    rows = _rows(session)
    if rows:
        with unscoped("the chain of a company is longer than what one person sees of it"):
            for company_id in sorted(rows):  # in order: no two transactions wait for each other
                chain.append(session.connection(), company_id, rows[company_id])


def _rows(session: Session) -> dict[int, list[Row]]:
    """Take what waits in the session and return the entries of each company."""
    pending: list[Change] = merged(session.info.pop(_CHANGES, ()))
    notes = session.info.pop(_NOTES, {})
    facts = session.info.pop(_FACTS, ())
    session.info.pop(_MARKS, None)
    if not (pending or facts):
        return {}
    rows: dict[int, list[Row]] = {}
    with unscoped("each project that a change touches gets its entry"):
        for company_id in {change.company_id for change in pending}:
            mine = [change for change in pending if change.company_id == company_id]
            rows[company_id] = list(entries(session, mine, notes))
        for company_id, told in facts:
            rows.setdefault(company_id, []).extend(told)
        common = {"at": utcnow(), "change_id": new_id(), **_who()}
    for told in rows.values():
        told[:] = [{**common, **row} for row in told]
        for row in told:
            row["search"] = searched(row)
    return {company_id: told for company_id, told in rows.items() if told}


def _who() -> dict[str, Any]:
    actor_id, name, on_behalf_of = None, SYSTEM, ""
    if has_app_context() and g.get("trail_actor"):
        actor_id, name, on_behalf_of = g.trail_actor
    elif has_app_context() and g.get("actor") is not None:
        actor_id, name = g.actor.id, g.actor.name
    return {
        "actor_id": actor_id,
        "actor_name": clean(name)[:100],
        "on_behalf_of": clean(on_behalf_of)[:100],
        "address": ((request.remote_addr or "") if has_request_context() else "")[:64],
        "request_id": g.get("request_id", "") if has_app_context() else "",
    }
