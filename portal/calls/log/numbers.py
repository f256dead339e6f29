"""Phone numbers as each viewer may see them."""

from __future__ import annotations

from flask import g

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.masks import masked, masked_pattern

__all__ = ["masked", "may_reveal", "pattern_shown", "shown"]


def shown(number: str) -> str:
    """Return the number, or its ends around a cover for whose role may not see it."""
    return number if can(Permission.SEE_NUMBERS) else masked(number)


def pattern_shown(pattern: str) -> str:
    """Return a pattern that may be one of numbers, as it may be seen."""
    return pattern if can(Permission.SEE_NUMBERS) else masked_pattern(pattern)


def may_reveal() -> bool:
    """Tell whether a masked number may be uncovered, one at a time and on the record."""
    return "identity" in g and not can(Permission.SEE_NUMBERS) and can(Permission.REVEAL_NUMBERS)
