"""Telephone numbers as they are compared: E.164, wherever it can be found out."""

from __future__ import annotations

import re

import phonenumbers
from babel.core import get_global
from flask import g

MOST = 40
_WRITTEN = re.compile(r"[\d\s()+./-]+")


def region() -> str:
    """Return the country whose numbers the company writes without a prefix: by its time zone."""
    zone = g.identity.company.timezone if g.get("identity") else ""
    return str(get_global("zone_territories").get(zone, "PL"))


def is_number(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return 2 <= digits <= MOST and _WRITTEN.fullmatch(text) is not None and text.isascii()


def compared(text: str) -> str:
    """Return a number in the form in which numbers are compared, '' if there is none in ``text``.

    >>> compared("(0) 512 345-460")
    '+48512345460'
    """
    parsed = _parsed(text)
    if parsed is not None:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[:MOST]
    return "".join(c for c in text if c.isascii() and c.isdigit())[:MOST]


def writings(key: str) -> list[str]:
    """Return the digits by which exchanges write the number of a key."""
    digits = key.lstrip("+")
    if not key.startswith("+"):
        return [digits] if digits else []
    found = [digits, f"00{digits}"]
    parsed = _parsed(key)
    if parsed is not None and parsed.country_code == phonenumbers.country_code_for_region(region()):
        national = phonenumbers.national_significant_number(parsed)
        found += [national, f"0{national}"]
    return found


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    if not is_number(text):
        return None
    if text.startswith("00"):
        text = f"+{text[2:]}"
    try:
        number = phonenumbers.parse(text, region())
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
