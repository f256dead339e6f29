"""Passwords: argon2id, the same work for known and unknown addresses, and what is too weak."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from portal.database import name_key
from portal.errors import RefusedError
from portal.members.models import User

SHORTEST, LONGEST = 10, 200
# An address may be known in two companies: the second check must not show in the time.
LEAST_CHECKS = 2

# OWASP's figures for argon2id: 46 MiB, one pass.
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


def hashed(password: str) -> str:
    return _hasher.hash(_same_form(password))


def matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, _same_form(password))
    except (VerificationError, InvalidHashError):
        return False


def matching(users: Sequence[Any], password: str) -> list[Any]:
    """Return those whose password this is, checking every one: the work betrays nobody."""
    found = [user for user in users if _checked(user, password)]
    for _spare in range(LEAST_CHECKS - len(users)):
        matches(_dummy(), password)
    return found


def _checked(user: Any, password: str) -> bool:
    right = matches(user.password_hash or _dummy(), password)
    return right and user.password_hash is not None and user.locked_at is None


@functools.cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


def _same_form(password: str) -> str:
    """Keyboards write one letter in several ways."""
    return unicodedata.normalize("NFKC", password)


def check_strength(password: str, user: User) -> None:
    """Refuse a password that is short, common or the person's own name or address."""
    if len(password) < SHORTEST:
        raise RefusedError(
            _("Choose a password of at least %(count)s characters.", count=SHORTEST), "password"
        )
    key = name_key(password)
    own = {user.email_key, user.email_key.partition("@")[0], user.name_key}
    if key in own or len(set(key)) < 5 or _plain(key) in _COMMON:
        raise RefusedError(_("This password is too easy to guess. Choose another one."), "password")


def _plain(key: str) -> str:
    return key.rstrip("0123456789!.?*")


_COMMON = {
    "",
    "administrator",
    "call center",
    "callcenter",
    "changeme",
    "dragon",
    "football",
    "haslo",
    "hasło",
    "iloveyou",
    "letmein",
    "mojehaslo",
    "password",
    "passw0rd",
    "polska",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "parola",
    "sifre",
    "şifre",
    "sunshine",
    "turkiye",
    "türkiye",
    "welcome",
}
