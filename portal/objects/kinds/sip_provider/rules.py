"""The notations of a SIP provider: codecs, numbers, how numbers are rewritten, and prices."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext as _

from portal.database import utcnow
from portal.objects.fields import FaultError
from portal.objects.numbers.normal import normalised, region_of

CODECS = ("opus", "g722", "alaw", "ulaw", "g729", "g726", "gsm", "ilbc", "speex", "g723")
_ALSO = {"pcma": "alaw", "pcmu": "ulaw", "g711a": "alaw", "g711u": "ulaw", "g.711": "alaw"}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_RULE = re.compile(r"\s*(\S+)\s*(?:->|→|=>)\s*(\S+)\s*")
_PATTERN = re.compile(r"\+?[0-9X#]*\*?")
_AMOUNT = r"([0-9]{1,6}(?:[.,][0-9]{1,6})?)"
_PRICE = re.compile(
    rf"\+?([0-9]{{1,15}})[\s:;=]+{_AMOUNT}(\s+per\s+second)?(?:\s+setup\s+{_AMOUNT})?"
    r"(?:\s+from\s+([0-9]{4}-[0-9]{2}-[0-9]{2}))?",
    re.ASCII | re.IGNORECASE,
)


def read_host(text: str) -> str:
    """Return a host name in small letters, or an address of either version."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        host = text.lower().rstrip(".")
    labels = host.split(".")
    is_host = len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if not is_host or labels[-1].isdigit():
        raise FaultError(_("Write a host or an address like sip.example.com or 192.0.2.10."))
    return host


def read_codec(line: str) -> str:
    name = line.lower()
    name = _ALSO.get(name, name)
    if name not in CODECS:
        raise FaultError(
            _("This codec is not known. Known are %(codecs)s.", codecs=", ".join(CODECS))
        )
    return name


def read_number(line: str) -> str:
    """Return a number as E.164; without its country's code it is one of the company's country."""
    text = f"+{line[2:]}" if line.startswith("00") else line
    number = normalised(text, region_of(g.identity.company.timezone))
    if number is None:
        raise FaultError(_("Nobody can have this number. Write it like +48 22 123 45 67."))
    return number


@dataclass(frozen=True)
class Rewrite:
    """``00* -> +*``: X is one digit, a star at the end is the rest; both can be used again."""

    pattern: str
    result: str

    @property
    def keys(self) -> list[str]:
        return [self.pattern]

    def __str__(self) -> str:
        return f"{self.pattern} -> {self.result}"

    def apply(self, number: str) -> str | None:
        """Return the number rewritten, or None if the rule is not for it."""
        digits = self.pattern.removesuffix("*")
        rest = number[len(digits) :]
        fits = len(number) >= len(digits) and (self.pattern.endswith("*") or not rest)
        if not fits or not all(map(_same, digits, number)):
            return None
        kept = iter(one for sign, one in zip(digits, number, strict=False) if sign == "X")
        return "".join(
            next(kept, "") if sign == "X" else rest if sign == "*" else sign for sign in self.result
        )


def _same(sign: str, character: str) -> bool:
    return (character.isascii() and character.isdigit()) if sign == "X" else sign == character


def read_rewrite(line: str) -> Rewrite:
    match = _RULE.fullmatch(line)
    if match is None:
        raise FaultError(_("Write a rule like 00* -> +*."))
    pattern, result = (side.replace("x", "X") for side in match.groups())
    if not _PATTERN.fullmatch(pattern) or not _PATTERN.fullmatch(result):
        raise FaultError(
            _("A rule has digits, +, #, X for one digit, and * for the rest at its end.")
        )
    if result.count("X") > pattern.count("X") or result.count("*") > pattern.count("*"):
        raise FaultError(_("The right side uses more of X and * than the left side has."))
    return Rewrite(pattern, result)


def rewritten(number: str, rules: Iterable[Rewrite]) -> tuple[str, int]:
    """Return a number as the first rule that fits makes it, and which that is, from 1; 0: none."""
    for place, rule in enumerate(rules, 1):
        result = rule.apply(number)
        if result is not None:
            return result, place
    return number, 0


@dataclass(frozen=True)
class Price:
    """What a minute to numbers with this prefix costs, and how long a call is counted.

    ``step_s``: each begun stretch of so many seconds counts in full. ``setup``: of each call that
    is answered. ``since``: the first day (UTC) on which it holds, None for ever.
    """

    prefix: str
    price: Decimal
    step_s: int = 60
    setup: Decimal = Decimal(0)
    since: dt.date | None = None

    @property
    def keys(self) -> list[Any]:
        return [(self.prefix, self.since)]

    def __str__(self) -> str:
        parts = [f"+{self.prefix} {self.price}"]
        parts += ["per second"] if self.step_s == 1 else []
        parts += [f"setup {self.setup}"] if self.setup else []
        parts += [f"from {self.since}"] if self.since else []
        return " ".join(parts)


def read_price(line: str) -> Price:
    match = _PRICE.fullmatch(line)
    if match is None:
        raise FaultError(_("Write a prefix and a price like +48 0.05."))
    prefix, price, by_second, setup, since = match.groups()
    try:
        first = dt.date.fromisoformat(since) if since else None
    except ValueError:
        raise FaultError(_("There is no such day. Write it like 2026-12-31.")) from None
    return Price(prefix, _amount(price), 1 if by_second else 60, _amount(setup or "0"), first)


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def price_of(number: str, prices: Iterable[Price]) -> Price | None:
    """Return the price with the longest prefix that a number has, the newest that holds today."""
    digits, today = number.removeprefix("+"), utcnow().date()
    fitting = [
        (len(price.prefix), price.since or dt.date.min, price)
        for price in prices
        if digits.startswith(price.prefix) and (price.since or today) <= today
    ]
    return max(fitting, key=lambda one: one[:2], default=(0, None, None))[2]
