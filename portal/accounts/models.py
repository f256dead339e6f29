"""Signed-in sessions, one-time links, recovery codes, counted attempts and mails."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import CompanyScoped, Ref, utcnow
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
