"""Who signs in, with which session, and from where."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from portal.accounts.models import AuthSession, Mail, OneTimeToken, Purpose, RecoveryCode
from portal.accounts.tokens import fingerprint
from portal.company.models import Company
from portal.database import utcnow
from portal.extensions import db
from portal.members.models import Role, User
from portal.wall.scope import unscoped

# Every request begins with it: it is written once.
_SIGNED_IN = (
    select(AuthSession, User, Company, Role)
    .join(User, (User.company_id == AuthSession.company_id) & (User.id == AuthSession.user_id))
    .join(Company, Company.id == User.company_id)
    .join(Role, (Role.company_id == User.company_id) & (Role.id == User.role_id))
    .where(
        AuthSession.token_hash == bindparam("token_hash"),
        AuthSession.expires_at > bindparam("now"),
        User.locked_at.is_(None),
    )
)


def signed_in(token: str) -> tuple[AuthSession, User, Company, Role] | None:
    """Return session, user, company and role of a cookie; ``None`` if ended or locked."""
    with unscoped("the cookie says who is asking, before there is a scope"):
        told = {"token_hash": fingerprint(token), "now": utcnow()}
        row = db.session.execute(_SIGNED_IN, told).first()
    return (row[0], row[1], row[2], row[3]) if row else None


def candidates(email_key: str) -> Sequence[Any]:
    """Return who has this address, in any company: plain rows, which outlive the transaction."""
    with unscoped("a person signs in before there is a scope, in whichever company"):
        return db.session.execute(
            select(
                User.company_id,
                User.id,
                User.email_key,
                User.password_hash,
                User.locked_at,
                User.totp_secret,
            )
            .where(User.email_key == email_key)
            .order_by(User.company_id)
        ).all()


def holders(token: str, *purposes: Purpose) -> Sequence[tuple[OneTimeToken, User, Company]]:
    """Return whom a one-time token speaks for; nobody once it is used, old, or they are locked."""
    with unscoped("a one-time token says who is asking, before there is a scope"):
        rows = db.session.execute(
            select(OneTimeToken, User, Company)
            .join(
                User,
                (User.company_id == OneTimeToken.company_id) & (User.id == OneTimeToken.user_id),
            )
            .join(Company, Company.id == User.company_id)
            .where(
                OneTimeToken.token_hash == fingerprint(token),
                OneTimeToken.purpose.in_(purposes),
                OneTimeToken.expires_at > utcnow(),
                User.locked_at.is_(None),
            )
            .order_by(Company.name, Company.id)
        ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def sessions_of(user: User) -> Sequence[AuthSession]:
    """Return the running sessions of a person, the newest first."""
    return db.session.scalars(
        select(AuthSession)
        .where(AuthSession.user_id == user.id, AuthSession.expires_at > utcnow())
        .order_by(AuthSession.created_at.desc(), AuthSession.id)
    ).all()


def session_of(user: User, session_id: uuid.UUID) -> AuthSession | None:
    return db.session.scalars(
        select(AuthSession).where(AuthSession.user_id == user.id, AuthSession.id == session_id)
    ).first()


def recovery_codes_left(user: User) -> int:
    wanted = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(wanted) or 0


def outbox(limit: int = 100) -> Sequence[Mail]:
    """Return the mails of the demo, the newest first."""
    return db.session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit)).all()
