"""Tokens of sources, and keeping what is sent with them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import select

from portal.accounts.tokens import fingerprint, new_token
from portal.calls.evidence import CallSource
from portal.calls.receiving.models import Delivery
from portal.calls.writing import insert_rows
from portal.connections import only_reading
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


class Sent(NamedTuple):
    """A body, and the hash of the token that came with it."""

    token: bytes
    body: bytes


def is_of_a_source(token: bytes) -> bool:
    """Tell whether there is a source with this token, given by its hash."""
    with only_reading(), unscoped("who sends calls has a token and no company"):
        return (
            db.session.scalar(select(CallSource.id).where(CallSource.token_hash == token))
            is not None
        )


def keep_all(sent: Sequence[Sent]) -> list[bool]:
    """Keep what was sent until a worker reads it; tell of which there is a source.

    Commits: when this returns, all of it outlasts even a loss of power; else nothing is kept.
    """
    g.durable = True
    query = select(CallSource.token_hash, CallSource.company_id, CallSource.id)
    with unscoped("who sends calls has a token and no company"):
        found = db.session.execute(
            query.where(CallSource.token_hash.in_({one.token for one in sent}))
        )
        sources = {token: (company, source) for token, company, source in found}
        rows = [_row(*sources[one.token], one.body) for one in sent if one.token in sources]
        insert_rows(Delivery, rows)
        db.session.commit()
    return [one.token in sources for one in sent]


def _row(company_id: int, source_id: uuid.UUID, body: bytes) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "id": new_id(),
        "source_id": source_id,
        "received_at": utcnow(),
        "body": body,
    }
