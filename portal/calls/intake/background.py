"""Reading uploads behind the back of the request: a thread for each run, begun by its commit.

A run whose process ended stays as it is in the database and on the disk. It goes on where it was,
by somebody's wish or when the portal starts again.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event

from portal.audit import trail
from portal.calls import importing
from portal.calls.evidence import ImportRun
from portal.calls.intake import spool
from portal.calls.turns import in_turn
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import Scope, entered

_PATIENCE = 2.0  # seconds
_threads: dict[uuid.UUID, threading.Thread] = {}


def begin_after_commit(run: ImportRun) -> None:
    """Read the files of ``run`` as soon as this transaction is committed; never if it is not."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    company_id, run_id = run.company_id, run.id
    event.listen(
        db.session(), "after_commit", lambda session: _begin(app, company_id, run_id), once=True
    )


def forget_unless_committed(run: ImportRun) -> None:
    """Remove the files of a new ``run`` when this transaction ends in any other way than kept."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    session, company_id, run_id = db.session(), run.company_id, run.id
    undecided = True

    def keep(session: Any) -> None:
        nonlocal undecided
        undecided = False

    def ended(session: Any, transaction: Any) -> None:
        nonlocal undecided
        if undecided and transaction.parent is None:
            undecided = False
            with app.app_context():
                spool.remove(company_id, run_id)

    event.listen(session, "after_commit", keep, once=True)
    event.listen(session, "after_transaction_end", ended)


def resume_once(app: Flask) -> None:
    """Go on, at the first request of a process, with what was under way when one stopped.

    Not when the app is made: that happens for commands too.
    """
    if "imports_resumed" not in app.extensions:
        app.extensions["imports_resumed"] = True
        if spool.waiting():
            threading.Thread(target=resume, args=(app,), daemon=True).start()


def resume(app: Flask) -> None:
    """Begin the runs that are at work nowhere; clean up behind those that have ended."""
    with app.app_context():
        for company_id, run_id in spool.waiting():
            with entered(_everything(company_id)):
                run = db.session.get(ImportRun, (company_id, run_id))
                state = run.state if run else None
            db.session.remove()
            if state == "running" and not at_work(company_id, run_id):
                _begin(app, company_id, run_id)
            elif state == "done" or (state is None and spool.is_old(company_id, run_id)):
                spool.remove(company_id, run_id)


def at_work(company_id: int, run_id: uuid.UUID) -> bool:
    """Tell whether a run is being read: by this process, or by another one."""
    return run_id in _threads or spool.at_work(company_id, run_id)


def wait_for(run_id: uuid.UUID) -> None:
    """Return when the run is no longer at work in this process."""
    thread = _threads.get(run_id)
    if thread is not None:
        thread.join()


def _begin(app: Flask, company_id: int, run_id: uuid.UUID) -> None:
    # A daemon: a portal that is told to stop does not wait for an import, which can go on later.
    thread = threading.Thread(
        target=_work, args=(app, company_id, run_id), name=f"import-{run_id}", daemon=True
    )
    _threads[run_id] = thread
    thread.start()


def _work(app: Flask, company_id: int, run_id: uuid.UUID) -> None:
    with app.app_context(), entered(_everything(company_id)):
        try:
            with spool.alone(company_id, run_id, patience=_PATIENCE) as free:
                if free and _read(company_id, run_id):
                    spool.remove(company_id, run_id)
        except Exception:  # a thread has nobody to raise to; the run says that it failed
            app.logger.exception("the import %s failed", run_id)
        finally:
            if _threads.get(run_id) is threading.current_thread():
                del _threads[run_id]


def _read(company_id: int, run_id: uuid.UUID) -> bool:
    run = db.session.get(ImportRun, (company_id, run_id))
    if run is None:
        return True
    uploads, source_id = spool.uploads(company_id, run_id), run.source_id
    by = db.session.get(User, (company_id, run.by_id)) if run.by_id else None
    name = by.name if by else trail.SYSTEM
    by_id = by.id if by else None
    db.session.rollback()  # nothing is held while another upload of the source is read
    with in_turn(source_id), trail.acting_as(name, by_id):
        return importing.carry_out(run_id, uploads).state == "done"


def _everything(company_id: int) -> Scope:
    return Scope(company_id, sees_all=True, sees_people=True)
