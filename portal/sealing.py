"""Secrets at rest: sealed before they are stored, with keys that can be changed.

The newest key seals and every key opens, so a key is changed by putting a new one in front,
running ``flask portal reseal``, and taking the old one out.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app

from portal.accounts.tokens import fernet_key

__all__ = ["InvalidToken", "keys", "opened", "resealed", "sealed"]


def check(app: Flask) -> None:
    """Refuse to start with keys that are none: nothing could be sealed with them."""
    try:
        for key in app.config["SEALING_KEYS"] or ():
            Fernet(key)
    except ValueError as error:
        raise RuntimeError("SEALING_KEYS: each key is made by Fernet.generate_key()") from error


def keys() -> MultiFernet:
    """Return the keys, the newest first; the last is made from ``SECRET_KEY``."""
    own = [Fernet(key) for key in current_app.config["SEALING_KEYS"] or ()]
    return MultiFernet([*own, Fernet(fernet_key())])


def sealed(secret: str) -> bytes:
    return keys().encrypt(secret.encode())


def opened(stored: bytes) -> str:
    return keys().decrypt(stored).decode()


def resealed(stored: bytes) -> bytes:
    """Return the same secret under the newest key."""
    return keys().rotate(stored)
