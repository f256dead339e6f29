"""Mails: queued in the transaction that gives rise to them, sent after it by a thread.

What could not be sent is tried again with the next mail and by ``flask portal send-mails``.
Without MAIL_SERVER nothing is sent; the demo shows its mails on the outbox page instead.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, render_template
from sqlalchemy import delete, or_, select, update

from portal.accounts import afterwards
from portal.accounts.models import Mail
from portal.database import utcnow
from portal.extensions import db

_TAKEN_FOR = dt.timedelta(minutes=2)
_MOST_TRIES = 8


def link(endpoint: str, **values: Any) -> str:
    """Return an address for a mail: from the configuration, never from the Host header."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return current_app.config["BASE_URL"].rstrip("/") + path


def queue(
    recipient: str, subject: str, template: str, *, unsubscribe: str | None = None, **context: Any
) -> None:
    """Put a mail into the outbox; it goes out only if the transaction does.

    ``unsubscribe``: the address that ends mails of this sort.
    """
    body = render_template(template, unsubscribe=unsubscribe, **context)
    db.session.add(Mail(recipient=recipient, subject=subject, body=body, unsubscribe=unsubscribe))
    afterwards.look()


def send_all() -> None:
    """Send what waits and is in nobody's hands; to be called outside of a transaction."""
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
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    message["Message-ID"] = f"<{mail.id.hex}@{host}>"  # the same if it has to be sent again
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
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
