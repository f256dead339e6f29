"""Tokens of sources, and keeping what is sent with them."""

from __future__ import annotations

from sqlalchemy import insert, select

from portal.accounts.tokens import fingerprint, new_token
from portal.calls.evidence import CallSource
from portal.calls.receiving.models import Delivery
from portal.database import new_id, utcnow
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped


def make_token(source: CallSource, *, actor: User) -> str:
    """Give a source a token, in place of the one it had; return it: it is shown this once."""
    token = new_token()
    source.token_hash, source.token_end = fingerprint(token), token[-4:]
    source.version += 1
    db.session.flush()
    return token


def revoke_token(source: CallSource, *, actor: User) -> None:
    """Let nothing be sent to a source any more."""
    source.token_hash, source.token_end = None, ""
    source.version += 1
    db.session.flush()


def source_of(token: str) -> tuple[int, object] | None:
    """Return company and id of the source that a token is of."""
    query = select(CallSource.company_id, CallSource.id)
    with unscoped("who sends calls has a token and no company"):
        found = db.session.execute(query.where(CallSource.token_hash == fingerprint(token))).first()
    return None if found is None else (found[0], found[1])


def keep(company_id: int, source_id: object, content_type: str, body: bytes) -> None:
    """Keep what was sent until a worker reads it."""
    row = {
        "company_id": company_id,
        "id": new_id(),
        "source_id": source_id,
        "received_at": utcnow(),
        "content_type": content_type[:100],
        "body": body,
    }
    with unscoped("who sends calls has a token and no company"):
        db.session.execute(insert(Delivery), [row])
