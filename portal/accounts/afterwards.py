"""What is done after an answer, so that it neither delays it nor shows in its time.

A transaction leaves rows behind (events of addresses, mails) and says :func:`look`; after its
commit a thread looks. Rows that a crash leaves are found by the next look, of any worker.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask, current_app, g, has_request_context
from sqlalchemy import event
from werkzeug.wrappers import Response

from portal.extensions import db

_LOOK = "look_afterwards"
_pool: ThreadPoolExecutor


def _make_pool() -> None:
    global _pool  # one for each process
    _pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="afterwards")


_make_pool()
os.register_at_fork(after_in_child=_make_pool)  # a copy of a process has none of its threads


def install(app: Flask) -> None:
    """Listen to the sessions and the answers of the portal."""
    event.listen(db.session, "after_commit", _after_commit)
    event.listen(db.session, "after_soft_rollback", _after_rollback)
    app.after_request(_after_request)


def look() -> None:
    """Let the thread look once this transaction is committed."""
    db.session().info[_LOOK] = True


def _after_commit(session: Any) -> None:
    if session.in_nested_transaction():  # a savepoint is only released
        return
    if not session.info.pop(_LOOK, False):
        return
    if has_request_context():
        g.look_afterwards = True
    else:
        _start()


def _after_request(response: Response) -> Response:
    """Start when the answer is sent: a thread beside it would slow it down, and so betray."""
    if g.pop("look_afterwards", False):
        if current_app.testing:
            _start()
        else:
            response.call_on_close(partial(_pool.submit, run, _app()))
    return response


def _start() -> None:
    under_way = _pool.submit(run, _app())
    if current_app.testing:
        under_way.result()


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy


def _after_rollback(session: Any, previous: Any) -> None:
    if previous.parent is None:
        session.info.pop(_LOOK, None)


def run(app: Flask) -> None:
    """Look into the events of addresses and send the mails that wait."""
    from portal.accounts import events, mail

    with app.app_context():
        try:
            events.look_into_all()
            db.session().info.pop(_LOOK, None)  # the mails are sent right below
            db.session.commit()
            if app.config["MAIL_SERVER"] and not app.config["DEMO"]:
                mail.send_all()
        except Exception:  # a thread has nobody to raise to; the rows stay for the next look
            app.logger.exception("what was left to do afterwards failed")
