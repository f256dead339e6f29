"""Ids that follow from what they name, so that the same evidence makes the same rows."""

from __future__ import annotations

import hashlib
import uuid

_RANDOM_BITS = 74


def stable_id(at: int, *parts: str) -> uuid.UUID:
    """Return a uuid of the form of a uuid7: ordered by ``at`` (epoch seconds), the rest a hash."""
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10)
    bits = int.from_bytes(digest.digest(), "big") >> (80 - _RANDOM_BITS)
    head, tail = bits >> 62, bits & ((1 << 62) - 1)
    milliseconds = max(0, at) * 1000 & ((1 << 48) - 1)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | head << 64 | 0b10 << 62 | tail)
