"""Secrets that a browser or a mail carries, and the keys derived from the portal's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app


def new_token() -> str:
    """Return 256 random bits for a cookie or an address."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> bytes:
    """Return what is kept of a token: random enough that a plain hash betrays nothing."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def keyed_fingerprint(code: str) -> bytes:
    """Return what is kept of a short code: without the portal's key nobody can try codes on it."""
    return hmac.digest(_key("codes"), code.encode(errors="replace"), "sha256")


def fernet_key() -> bytes:
    return base64.urlsafe_b64encode(_key("second factor"))


def _key(use: str) -> bytes:
    secret = current_app.config["SECRET_KEY"]
    return hmac.digest(
        secret.encode() if isinstance(secret, str) else secret, use.encode(), "sha256"
    )
