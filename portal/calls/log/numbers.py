"""Phone numbers as each viewer may see them."""

from __future__ import annotations

from flask import g

from portal.access.identity import can
from portal.access.permissions import Permission

_COVER = "•••"
# Words that exchanges write where they know no number; there is nothing to hide in them.
_NO_DIGITS = 3


def shown(number: str) -> str:
    """Return the number, or its ends around a cover for whose role may not see it."""
    return number if can(Permission.SEE_NUMBERS) else masked(number)


def masked(number: str) -> str:
    """Return a number without its middle: '+48512345460' → '+4851•••460'; short ones stay."""
    digits = sum(character.isdigit() for character in number)
    if digits <= _NO_DIGITS:
        return number
    tail = 3 if digits >= 9 else 1
    head = len(number) - tail - (4 if digits >= 9 else digits - 2)
    return f"{number[: max(head, 0)]}{_COVER}{number[-tail:]}"


def may_reveal() -> bool:
    """Tell whether a masked number may be uncovered, one at a time and on the record."""
    return "identity" in g and not can(Permission.SEE_NUMBERS) and can(Permission.REVEAL_NUMBERS)
