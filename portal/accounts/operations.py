"""Sessions that begin and end, invitations, resets and changes of a password."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete

from portal.accounts import mail, passwords, second_factor
from portal.accounts.models import AuthSession, OneTimeToken, Purpose
from portal.accounts.tokens import fingerprint, new_token
from portal.audit import trail
from portal.company.models import Company
from portal.database import name_key, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import Scope, unscoped

INVITATION_TIME = dt.timedelta(days=7)
RESET_TIME = dt.timedelta(hours=2)


def sign_in(user: User, *, address: str, device: str) -> str:
    """Begin a session of ``user``, who has shown who they are, and return its token."""
    user.last_sign_in_at = utcnow()
    _record("signed_in", user)
    return start_session(user, address=address, device=device)


def start_session(user: User, *, address: str = "", device: str = "") -> str:
    """Return the token of a new session, for the cookie. The scope of ``user`` is in force."""
    token = new_token()
    now = utcnow()
    db.session.add(
        AuthSession(
            company_id=user.company_id,
            user_id=user.id,
            token_hash=fingerprint(token),
            expires_at=now + current_app.config["SESSION_LIFETIME"],
            address=address,
            device=device,
        )
    )
    _delete(AuthSession, AuthSession.user_id == user.id, AuthSession.expires_at <= now)
    db.session.flush()
    return token


def end_session(session: AuthSession, *, actor: User) -> None:
    """Sign one browser of ``actor`` out."""
    _delete(AuthSession, AuthSession.id == session.id)
    _record("signed_out", actor)


def end_other_sessions(keep: AuthSession, *, actor: User) -> None:
    """Sign ``actor`` out everywhere else."""
    end_sessions(actor, keep=keep)
    _record("signed_out_elsewhere", actor)


def _record(action: str, user: User) -> None:
    trail.record(action, kind="user", object_id=user.id, object_name=user.name)


def end_sessions(user: User, *, keep: AuthSession | None = None) -> None:
    """Sign ``user`` out everywhere at once (but in ``keep``), also where the cookie was copied."""
    conditions = [AuthSession.user_id == user.id]
    if keep is not None:
        conditions.append(AuthSession.id != keep.id)
    _delete(AuthSession, *conditions)


def shut_out(people: Sequence[User]) -> None:
    """End every session and every link of people: of those who are locked, at once."""
    ids = [person.id for person in people]
    _delete(AuthSession, AuthSession.user_id.in_(ids))
    _delete(OneTimeToken, OneTimeToken.user_id.in_(ids))


def _delete(model: Any, *conditions: Any) -> int:
    statement = delete(model).where(*conditions)
    done: Any = db.session.execute(statement, execution_options={"synchronize_session": False})
    return done.rowcount


# --- One-time tokens


def begin_step(users: Sequence[Any], lifetime: dt.timedelta) -> str:
    """Return a token that says: the password was right, and this may be any of ``users``."""
    token = new_token()
    with unscoped("a sign-in under way may be of people of several companies"):
        for user in users:
            _add_token(user, token, Purpose.STEP, lifetime)
        db.session.flush()
    return token


def end_step(token: str) -> bool:
    """Use a step up; False if it was used meanwhile."""
    with unscoped("a sign-in under way may be of people of several companies"):
        return _delete(OneTimeToken, OneTimeToken.token_hash == fingerprint(token)) > 0


def _add_token(user: Any, token: str, purpose: Purpose, lifetime: dt.timedelta) -> None:
    db.session.add(
        OneTimeToken(
            company_id=user.company_id,
            user_id=user.id,
            purpose=purpose,
            token_hash=fingerprint(token),
            expires_at=utcnow() + lifetime,
        )
    )


def invite(user: User, *, actor: User | None) -> None:
    """Mail ``user`` a link to choose their first password; earlier links end.

    ``actor`` is who invites; None when the command line founds a company.
    """
    if user.locked_at is not None:
        raise RefusedError(_("This person is locked."))
    if user.password_hash is not None:
        raise RefusedError(_("This person has chosen a password already."))
    company = db.session.get_one(Company, user.company_id)
    if user.invited_at is not None:
        trail.note(user, "invited_again")
    user.invited_at = utcnow()
    token = _link_token(user, Purpose.INVITATION, INVITATION_TIME)
    with force_locale(user.language or company.language):
        mail.queue(
            user.email,
            _("You are invited to Bulkhead"),
            "accounts/mail/invitation.txt",
            user=user,
            company=company,
            inviter=actor.name if actor else company.name,
            days=INVITATION_TIME.days,
            link=mail.link("accounts.choose_password", token=token),
        )
    db.session.flush()


def _link_token(user: User, purpose: Purpose, lifetime: dt.timedelta) -> str:
    """Return a new token for a mailed link; the links before it end."""
    token = new_token()
    _delete(OneTimeToken, OneTimeToken.user_id == user.id, OneTimeToken.purpose != Purpose.STEP)
    _add_token(user, token, purpose, lifetime)
    return token


def mail_reset(user: User) -> None:
    """Mail ``user`` a link to choose another password; earlier links end."""
    company = db.session.get_one(Company, user.company_id)
    token = _link_token(user, Purpose.RESET, RESET_TIME)
    with force_locale(user.language or company.language):
        mail.queue(
            user.email,  # the stored address, whatever form of it was typed
            _("Choose a new password"),
            "accounts/mail/reset.txt",
            user=user,
            company=company,
            hours=RESET_TIME.seconds // 3600,
            link=mail.link("accounts.choose_password", token=token),
        )


# --- Passwords


def scope_of_link(user: User) -> Scope:
    """Return the scope in which a person without a session uses their own link."""
    return Scope(user.company_id, user.id)


def choose_password(token: str, user: User, password: str) -> None:
    """Set the password by a mailed link, which is used up; every session ends."""
    passwords.check_strength(password, user)
    if not _delete(OneTimeToken, OneTimeToken.token_hash == fingerprint(token)):
        raise RefusedError(_("This link was used meanwhile."))
    _set_password(user, password)


def change_password(user: User, password: str) -> None:
    """Set another password; every session ends, this one too: the caller starts a new one."""
    passwords.check_strength(password, user)
    _set_password(user, password)


def _set_password(user: User, password: str) -> None:
    trail.note(user, "password_changed" if user.password_hash else "password_chosen")
    user.password_hash = passwords.hashed(password)
    shut_out([user])
    db.session.flush()


# --- Second factor


def turn_on_second_factor(
    user: User, secret: str, code: str, *, keep: AuthSession | None
) -> list[str] | None:
    """Ask for codes from now on; sessions that were begun without one end, but for ``keep``."""
    codes = second_factor.turn_on(user, secret, code)
    if codes is not None:
        trail.note(user, "second_factor_on")
        end_sessions(user, keep=keep)
    return codes


def turn_off_second_factor(user: User) -> None:
    trail.note(user, "second_factor_off")
    second_factor.turn_off(user)


def renew_recovery_codes(user: User) -> list[str]:
    _record("recovery_codes_renewed", user)
    return second_factor.new_recovery_codes(user)


# --- Profile


def edit_profile(*, name: str, language: str | None, timezone: str | None, actor: User) -> None:
    """Change what a person may change about themselves."""
    actor.name = name
    actor.name_key = name_key(name)
    actor.language = language
    actor.timezone = timezone
    db.session.flush()


def choose_language(language: str, *, actor: User) -> None:
    actor.language = language
    db.session.flush()
