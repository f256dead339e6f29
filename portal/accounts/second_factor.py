"""The second factor: codes by time (TOTP, each good once) and recovery codes (each good once)."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy import delete, select

from portal import sealing
from portal.accounts.models import RecoveryCode
from portal.accounts.tokens import keyed_fingerprint
from portal.extensions import db
from portal.members.models import User

ISSUER = "Bulkhead"
STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODES = 10
SETUP_SECONDS = 900
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look alike
_LENGTH = 12


def new_secret() -> str:
    return pyotp.random_base32()


def sealed(secret: str, user: User) -> str:
    """Return a new secret for the form that sets it up: readable by the portal, for this person."""
    return sealing.sealed(f"{user.id} {secret}").decode()


def unsealed(text: str, user: User) -> str | None:
    """Return the secret of a form that is not too old and was made for this person."""
    try:
        token = text.encode(errors="replace")
        plain = sealing.keys().decrypt(token, ttl=SETUP_SECONDS).decode()
    except sealing.InvalidToken:
        return None
    owner, _blank, secret = plain.partition(" ")
    return secret if owner == str(user.id) else None


def picture(secret: str, user: User) -> Markup:
    """Return the QR code for an authenticator, as SVG to stand in the page."""
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=3, dark="#000", light="#fff", svgclass="qr", omitsize=True)
    return Markup(drawn)  # noqa: S704  # numbers of a path, made here


def spaced(secret: str) -> str:
    """Return a secret as it is typed by hand."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def turn_on(user: User, secret: str, code: str) -> list[str] | None:
    """Start asking ``user`` for codes; return recovery codes, or None if ``code`` is wrong."""
    step = _step_of(secret, code, after=None)
    if step is None:
        return None
    user.totp_secret = sealing.sealed(secret)
    user.totp_last_step = step
    return new_recovery_codes(user)


def turn_off(user: User) -> None:
    user.totp_secret = None
    user.totp_last_step = None
    _drop_codes(user)
    db.session.flush()


def accepts(user: User, code: str) -> bool:
    """Tell whether ``code`` is right now, and use it up: nobody uses it a second time.

    The row of the user is held, so that of two requests with one code the second sees it used.
    """
    user = db.session.scalars(
        select(User).where(User.id == user.id).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()
    if user.totp_secret is None:
        return False
    plain = "".join(code.split()).replace("-", "").casefold()
    if len(plain) != DIGITS:
        return _use_recovery_code(user, plain)
    secret = sealing.opened(user.totp_secret)
    step = _step_of(secret, plain, after=user.totp_last_step)
    if step is not None:
        user.totp_last_step = step
        db.session.flush()
    return step is not None


def _step_of(secret: str, code: str, *, after: int | None) -> int | None:
    """Return the step of time that ``code`` belongs to: this one, or one next to it."""
    code = "".join(code.split())
    generator = pyotp.HOTP(secret)
    now = int(time.time()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        right = hmac.compare_digest(generator.at(step).encode(), code.encode(errors="replace"))
        if right and (after is None or step > after):
            return step
    return None


def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of ``user``; the codes returned are kept nowhere."""
    _drop_codes(user)
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        db.session.add(
            RecoveryCode(
                company_id=user.company_id,
                user_id=user.id,
                code_hash=keyed_fingerprint(f"{user.id} {code}"),
            )
        )
    db.session.flush()
    return ["-".join(code[i : i + 4] for i in range(0, _LENGTH, 4)) for code in codes]


def _use_recovery_code(user: User, code: str) -> bool:
    return _delete_codes(
        RecoveryCode.user_id == user.id,
        RecoveryCode.code_hash == keyed_fingerprint(f"{user.id} {code}"),
    )


def _drop_codes(user: User) -> None:
    _delete_codes(RecoveryCode.user_id == user.id)


def _delete_codes(*conditions: Any) -> bool:
    statement = delete(RecoveryCode).where(*conditions)
    done: Any = db.session.execute(statement, execution_options={"synchronize_session": False})
    return bool(done.rowcount)
