"""Numbers as addresses, forms and log files write them."""

from __future__ import annotations


def whole(text: str, most: int) -> int | None:
    """Return the number that a text writes in at most so many digits; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None
