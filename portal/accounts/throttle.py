"""Counting of attempts: in the database, for all workers, also those whose answer is a refusal."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import uuid
from dataclasses import dataclass

from flask_babel import ngettext
from sqlalchemy import and_, case, delete, select, update

from portal.accounts.models import Throttle
from portal.database import insert_for, utcnow
from portal.errors import RefusedError
from portal.extensions import db

PERIOD = dt.timedelta(minutes=15)


class ThrottledError(RefusedError):
    """Too many attempts; ``wait`` is when the next one is heard."""

    def __init__(self, wait: dt.timedelta, just_locked: set[bytes]) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(
            ngettext(
                "Too many attempts. Try again in %(num)s minute.",
                "Too many attempts. Try again in %(num)s minutes.",
                minutes,
            )
        )
        self.wait = wait
        self._just_locked = just_locked

    def just_now(self, charge: Charge) -> bool:
        """Tell whether this attempt was the first one too many."""
        return charge.key in self._just_locked


@dataclass(frozen=True)
class Charge:
    """One attempt against the limit of an account, a client address or a second factor."""

    key: bytes
    limit: int


def for_account(email_key: str) -> Charge:
    return _charge("account", email_key, limit=10)


def for_client(address: str) -> Charge:
    """A whole office may come from one address: only a flood of misses locks it."""
    return _charge("client", _network(address), limit=50)


def for_code(company_id: int, user_id: uuid.UUID) -> Charge:
    return _charge("code", f"{company_id} {user_id}", limit=5)


def for_mails(email_key: str) -> Charge:
    return _charge("mails", email_key, limit=5)


def _charge(kind: str, subject: str, limit: int) -> Charge:
    return Charge(hashlib.sha256(f"{kind}\n{subject}".encode(errors="replace")).digest(), limit)


def _network(address: str) -> str:
    """One household holds 2^64 addresses of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))


def take(*charges: Charge) -> None:
    """Count an attempt before it is looked at, and refuse it beyond the limit.

    Commits: a try that is still being checked, or that is refused, counts as well.
    """
    now = utcnow()
    # In one order, so that two requests never wait for each other.
    taken = [(charge, *_count(charge, now)) for charge in sorted(charges, key=lambda c: c.key)]
    _tidy(now)
    db.session.commit()
    waits = [last_at + PERIOD - now for charge, count, last_at in taken if count > charge.limit]
    if waits:
        first = {charge.key for charge, count, _ in taken if count == charge.limit + 1}
        raise ThrottledError(max(waits), first)


def forgive(charge: Charge) -> None:
    """Forget the attempts: the right answer was given."""
    db.session.execute(delete(Throttle).where(Throttle.key == charge.key))


def give_back(charge: Charge) -> None:
    """Uncount one attempt, which was right; the misses of others from there stay counted."""
    db.session.execute(
        update(Throttle)
        .where(Throttle.key == charge.key, Throttle.count > 0)
        .values(count=Throttle.count - 1)
        .execution_options(synchronize_session=False)
    )


def _count(charge: Charge, now: dt.datetime) -> tuple[int, dt.datetime]:
    fresh = Throttle.last_at >= now - PERIOD
    statement = (
        insert_for(db.engine.dialect.name, Throttle)
        .values(key=charge.key, count=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((fresh, Throttle.count + 1), else_=1),
                # What is tried while it is locked does not lock it for longer.
                "last_at": case(
                    (and_(fresh, Throttle.count >= charge.limit), Throttle.last_at), else_=now
                ),
            },
        )
        .returning(Throttle.count, Throttle.last_at)
    )
    count, last_at = db.session.execute(statement).one()
    return count, last_at


def _tidy(now: dt.datetime) -> None:
    """Remove what no longer counts, a little at a time."""
    old = (
        select(Throttle.key)
        .where(Throttle.last_at < now - PERIOD)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(
        delete(Throttle).where(Throttle.key.in_(old)).execution_options(synchronize_session=False)
    )
