"""Phone numbers without their middle."""

from __future__ import annotations

_COVER = "•••"
# Words that exchanges write where they know no number; there is nothing to hide in them.
_NO_DIGITS = 3


def masked(number: str) -> str:
    """Return a number without its middle: '+48512345460' → '+4851•••460'; short ones stay."""
    digits = sum(character.isdigit() for character in number)
    if digits <= _NO_DIGITS:
        return number
    tail = 3 if digits >= 9 else 1
    head = len(number) - tail - (4 if digits >= 9 else digits - 2)
    return f"{number[: max(head, 0)]}{_COVER}{number[-tail:]}"


def masked_pattern(pattern: str) -> str:
    """Return a pattern of numbers, which may be two of them, without their middles."""
    return "-".join(masked(number) for number in pattern.split("-"))
