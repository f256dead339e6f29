"""Places in lists, for the address of the page behind them."""

from __future__ import annotations

import base64
import binascii
import uuid


def write(identifier: uuid.UUID, text: str = "") -> str:
    return base64.urlsafe_b64encode(identifier.bytes + text.encode()).decode().rstrip("=")


def read(key: str | None) -> tuple[str, uuid.UUID] | None:
    """Read what :func:`write` wrote; anything else begins at the top."""
    try:
        raw = base64.urlsafe_b64decode((key or "") + "=" * (-len(key or "") % 4))
        return raw[16:].decode().replace("\0", ""), uuid.UUID(bytes=raw[:16])
    except (binascii.Error, ValueError):
        return None


def identifier(text: str) -> uuid.UUID | None:
    """Return the id that a filter names, if any; what is malformed matches nothing."""
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
