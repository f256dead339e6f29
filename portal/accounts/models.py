"""Signed-in sessions, one-time tokens, recovery codes, counted attempts and mails."""

from __future__ import annotations

import datetime as dt
import enum
import uuid

from sqlalchemy import Enum, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import CompanyScoped, Ref, new_id, utcnow
from portal.extensions import db
from portal.members.models import User


class AuthSession(CompanyScoped, db.Model):
    """One signed-in browser. Only the hash of its cookie is kept; the row is the session."""

    __tablename__ = "auth_sessions"
    __audit__ = False
    __table_args__ = (Index("ix_auth_sessions_token_hash", "token_hash", unique=True),)

    user: Mapped[User] = Ref(User)  # type: ignore[assignment]  # Ref makes the relationship
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime]
    address: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(300), default="")

    @property
    def browser(self) -> str:
        """What ``device`` says, as people call it: 'Firefox, Windows'; else as it stands."""
        names = [
            next((name for word, name in names if word in self.device), None)
            for names in (_BROWSERS, _SYSTEMS)
        ]
        return ", ".join(name for name in names if name) or self.device


# The first that is found counts: browsers name those that they descend from, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class Purpose(enum.StrEnum):
    """What a one-time token is good for. ``STEP``: the password was right, more is asked."""

    INVITATION = "invitation"
    RESET = "reset"
    STEP = "step"


class OneTimeToken(CompanyScoped, db.Model):
    """A mailed link or a sign-in under way. Gone once used; only the hash is kept.

    A step that may go on as several people (one address in several companies) has one row each.
    """

    __tablename__ = "one_time_tokens"
    __audit__ = False
    __table_args__ = (Index("ix_one_time_tokens_token_hash", "token_hash"),)

    user: Mapped[User] = Ref(User)  # type: ignore[assignment]  # as above
    purpose: Mapped[Purpose] = mapped_column(
        Enum(Purpose, native_enum=False, length=16, values_callable=lambda e: [m.value for m in e])
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime]


class RecoveryCode(CompanyScoped, db.Model):
    """One way in without the authenticator. Gone once used; only a keyed hash is kept."""

    __tablename__ = "recovery_codes"
    __audit__ = False

    user: Mapped[User] = Ref(User)  # type: ignore[assignment]  # as above
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Throttle(db.Model):
    """Attempts counted for an account or a client address, known or not: of no company."""

    __tablename__ = "throttles"
    __audit__ = False

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[dt.datetime]


class AddressEvent(db.Model):
    """What happened to an address, noted alike for known and unknown ones, looked into later.

    ``what``: 'reset' (the password was forgotten), 'refused' (a wrong password) or 'locked' (too
    many of them). Neither time nor statements of an answer betray whether the address is known.
    """

    __tablename__ = "address_events"
    __audit__ = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    what: Mapped[str] = mapped_column(String(16))
    email_key: Mapped[str] = mapped_column(String(500))
    client: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Mail(db.Model):
    """A mail to be sent; gone once sent. In the demo nothing is sent and the outbox shows it."""

    __tablename__ = "mails"
    __audit__ = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    # A worker that sends a mail takes it until then; a failure leaves it for a later try.
    taken_until: Mapped[dt.datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    # The address that ends such mails, where they come again and again.
    unsubscribe: Mapped[str | None] = mapped_column(String(500))
