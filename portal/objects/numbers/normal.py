"""Telephone numbers as they are compared and dialled everywhere: E.164."""

from __future__ import annotations

import phonenumbers
from babel.core import get_global
from phonenumbers import PhoneNumberFormat

MOST_TYPED = 60


def normalised(text: str, region: str) -> str | None:
    """Return a number with its country's code; ``None`` if nobody can have it.

    ``region``: the country of numbers without a code, as two letters.
    """
    if len(text) > MOST_TYPED:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        return _without_plus(text)
    return None if number.extension else phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _without_plus(text: str) -> str | None:
    """Read a number with its country's code whose plus a spreadsheet has taken away."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) >= 10 and digits[0] != "0"):
        return None
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if valid else None


def regions() -> list[str]:
    return sorted(phonenumbers.SUPPORTED_REGIONS)


def region_of(timezone: str) -> str:
    """Return the country of a time zone: that of a company's is its numbers' as a rule."""
    found = get_global("zone_territories").get(timezone, "")
    return found if found in phonenumbers.SUPPORTED_REGIONS else "PL"
