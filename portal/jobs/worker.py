"""The worker: takes one job after the other, and runs each as the person who started it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_babel
from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from portal.access.identity import Identity, assume, identity_by_id
from portal.errors import RefusedError
from portal.extensions import db
from portal.jobs import claims, registry
from portal.jobs.claims import MOST_ATTEMPTS, Claim
from portal.jobs.progress import Cancelled, Lost, Progress, Stopped

_LOOK_S = 0.5  # between two looks for work
_PAUSE_S = 5.0  # after the database was away
_ROUND_S = 20.0  # between two looks for what is done now and then


def work(app: Flask, stopping: threading.Event, wanted: Callable[[], bool] = lambda: True) -> None:
    """Do what there is to do, until ``stopping`` is set or the work is no longer ``wanted``."""
    begun, last_round = False, -_ROUND_S
    while wanted() and not stopping.is_set():
        try:
            begun = begun or begin(app, stopping)
            if time.monotonic() - last_round >= _ROUND_S:
                last_round = time.monotonic()
                go_round(app)
            if not run_one(app, stopping):
                stopping.wait(_LOOK_S)
        except OperationalError:
            app.logger.exception("the database is away; the worker tries again")
            stopping.wait(_PAUSE_S)


@contextmanager
def threads_beside(app: Flask, stopping: threading.Event) -> Iterator[None]:
    """Do what is done all the time, until the end of this."""
    threads = [threading.Thread(target=run, args=(app, stopping)) for run in registry.BESIDE]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def begin(app: Flask, stopping: threading.Event) -> bool:
    """Do what is done before the first job, and tell whether; what fails waits for the next."""

    def check() -> None:
        if stopping.is_set():
            raise Stopped

    for run in registry.AT_START:
        with app.app_context():
            try:
                run(check)
            except Stopped:
                return False
            except OperationalError:
                raise
            except Exception:
                app.logger.exception("%s could not be done", run.__name__)
    return True


def run_waiting(app: Flask) -> int:
    """Do what waits, and return how many jobs that was."""
    count, stopping = 0, threading.Event()
    go_round(app)
    while run_one(app, stopping):
        count += 1
    return count


def go_round(app: Flask) -> None:
    """Do what is to be done now and then; a fault of one thing keeps nothing else from it."""
    for one in registry.ROUNDS:
        with app.app_context():
            try:
                one()
            except OperationalError:
                raise
            except Exception:  # as below
                app.logger.exception("the round %s failed", one.__name__)


def run_one(app: Flask, stopping: threading.Event) -> bool:
    """Take a job and bring it to an end; tell whether there was one."""
    with app.app_context():
        claim = claims.take()
    if claim is None:
        return False
    with app.app_context(), claims.kept(app, claim):
        _carry_out(claim, stopping)
    return True


def _carry_out(claim: Claim, stopping: threading.Event) -> None:
    """Run a job's function, and write how it ended."""
    try:
        result = _run(claim, stopping)
        claims.end(claim, "done", result=result)
    except Cancelled:
        _undo(claims.end, claim, "cancelled")
    except Stopped:
        _undo(claims.hand_back, claim, counts=False)
    except Lost:
        db.session.rollback()
        current_app.logger.warning("the job %s was taken by another worker", claim.job_id)
    except RefusedError as error:
        _undo(claims.end, claim, "failed", error=str(error.message)[:500])
    except OperationalError:
        current_app.logger.exception("the job %s could not reach the database", claim.job_id)
        if claim.attempts < MOST_ATTEMPTS:
            _undo(claims.hand_back, claim, after_s=_PAUSE_S, counts=True)
        else:
            _undo(claims.end, claim, "failed", error=_("The database could not be reached."))
    except Exception:  # a worker has nobody to raise to; the job says that it failed
        current_app.logger.exception("the job %s failed", claim.job_id)
        said = _("Something went wrong in the portal. Its log names %(id)s.", id=claim.job_id)
        _undo(claims.end, claim, "failed", error=said)


def _undo(then: Callable[..., None], claim: Claim, *arguments: Any, **values: Any) -> None:
    """Undo what is not committed, and write how it ended unless another worker has the job."""
    db.session.rollback()
    claim.news.clear()
    try:
        then(claim, *arguments, **values)
    except Lost:
        db.session.rollback()


def _run(claim: Claim, stopping: threading.Event) -> dict[str, Any]:
    kind = registry.KINDS.get(claim.kind)
    if kind is None:
        raise RefusedError(_("This version of the portal does not know how to do this."))
    identity = identity_by_id(claim.company_id, claim.person_id)
    if identity is None:
        raise RefusedError(_("The person who started this may no longer sign in."))
    assume(identity)
    flask_babel.refresh()
    if not _may(identity, kind):
        raise RefusedError(_("The person who started this may no longer do it."))
    flask_babel.get_locale()  # kept: asking later would begin a transaction
    db.session.rollback()  # a function that begins by waiting holds nobody up
    return kind.run(Progress(claim, stopping), **claim.arguments) or {}


def _may(identity: Identity, kind: registry.Kind) -> bool:
    return (kind.permission is None or kind.permission in identity.permissions) and (
        identity.scope.sees_all or not kind.sees_all
    )
