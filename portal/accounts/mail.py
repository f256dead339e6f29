"""Mails: queued in the transaction that gives rise to them, sent after it by a thread.

``flask portal send-mails`` tries again what could not be sent; a worker does so with each new mail.
Without MAIL_SERVER nothing is sent; the demo shows its mails on the outbox page instead.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, render_template
from sqlalchemy import delete, event, or_, select, update

from portal.accounts.models import Mail, ResetRequest
from portal.database import utcnow
from portal.extensions import db

_TAKEN_FOR = dt.timedelta(minutes=2)
_MOST_TRIES = 8
_WAITING = "mails_waiting"

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def install() -> None:
    """Let the thread look for mails after each commit that has made any."""
    event.listen(db.session, "after_commit", _after_commit)
    event.listen(db.session, "after_soft_rollback", _after_rollback)


def link(endpoint: str, **values: Any) -> str:
    """Return an address for a mail: from the configuration, never from the Host header."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return current_app.config["BASE_URL"].rstrip("/") + path


def queue(recipient: str, subject: str, template: str, **context: Any) -> None:
    """Put a mail into the outbox; it goes out only if the transaction does."""
    body = render_template(template, **context)
    db.session.add(Mail(recipient=recipient, subject=subject, body=body))
    look_after_commit()


def look_after_commit() -> None:
    db.session().info[_WAITING] = True


def _after_commit(session: Any) -> None:
    if session.info.pop(_WAITING, False):
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
        waiting = _pool.submit(deliver, app)
        if app.testing:
            waiting.result()


def _after_rollback(session: Any, previous: Any) -> None:
    if previous.parent is None:
        session.info.pop(_WAITING, None)


def settle() -> None:
    """Wait until the thread has done what it was given."""
    done: Future[None] = _pool.submit(lambda: None)
    done.result()


def deliver(app: Flask) -> None:
    """Answer the forgotten passwords and send what waits."""
    with app.app_context():
        try:
            _answer_requests()
            if app.config["MAIL_SERVER"] and not app.config["DEMO"]:
                _send_all()
        except Exception:  # a thread has nobody to raise to; the mails stay
            app.logger.exception("mails could not be looked after")


def _answer_requests() -> None:
    from portal.accounts.operations import answer_reset

    for request in db.session.scalars(select(ResetRequest).order_by(ResetRequest.id)).all():
        answer_reset(request)
    db.session().info.pop(_WAITING, None)  # they are sent right below
    db.session.commit()


def _send_all() -> None:
    for mail_id in _waiting():
        mail = _take(mail_id)
        if mail is None:
            continue
        try:
            _send(mail)
        except (OSError, smtplib.SMTPException) as error:
            current_app.logger.warning("mail %s not sent: %s", mail_id, type(error).__name__)
            continue
        db.session.execute(delete(Mail).where(Mail.id == mail_id))
        db.session.commit()


def _waiting() -> Iterable[Any]:
    now = utcnow()
    found = db.session.scalars(
        select(Mail.id)
        .where(or_(Mail.taken_until.is_(None), Mail.taken_until < now), Mail.tries < _MOST_TRIES)
        .order_by(Mail.id)
    ).all()
    db.session.commit()
    return found


def _take(mail_id: Any) -> EmailMessage | None:
    """Take a mail for this worker alone, or return None if another one has it."""
    now = utcnow()
    free = or_(Mail.taken_until.is_(None), Mail.taken_until < now)
    taken: Any = db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id, free)
        .values(taken_until=now + _TAKEN_FOR, tries=Mail.tries + 1)
        .execution_options(synchronize_session=False)
    )
    mail = db.session.get(Mail, mail_id) if taken.rowcount else None
    message = _message(mail) if mail else None
    db.session.commit()
    return message


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.config["MAIL_SENDER"]
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = make_msgid(domain=urlsplit(current_app.config["BASE_URL"]).hostname)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _send(message: EmailMessage) -> None:
    config = current_app.config
    with smtplib.SMTP(config["MAIL_SERVER"], config["MAIL_PORT"], timeout=20) as server:
        if server.has_extn("starttls") or config["MAIL_USERNAME"]:
            server.starttls(context=ssl.create_default_context())
        if config["MAIL_USERNAME"]:
            server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        server.send_message(message)
