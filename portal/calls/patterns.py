"""Patterns of names: ``70xx``, ``7000-7099``, ``sales-*``, or one name itself.

``x`` after a digit stands for a digit, ``*`` for any text, and two numbers of equally many digits
for all from one to the other. A pattern covers a name that is written as itself, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

from portal.objects.fields import FaultError

LENGTH = 128
MOST_STARS = 3  # more say nothing
_RANGE = re.compile(r"([^*]*?)([0-9]{1,18})-([0-9]{1,18})")
_NUMBER = re.compile(r"[0-9][0-9xX]*")
_PARTS = re.compile(r"([0-9][0-9xX]*)")
_ONE_OF_TEN = re.compile(r"[xX]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which names are covered. ``rank``: the more exact pattern has the greater one."""

    text: str
    start: str  # what all names covered begin with
    rank: tuple[int, int, int]
    _regex: re.Pattern[str] | None = None
    _range: tuple[str, str, str] | None = None

    @property
    def is_exact(self) -> bool:
        return self.start == self.text

    def covers(self, name: str) -> bool:
        if name == self.text:
            return True
        if self._range is not None:
            prefix, low, high = self._range
            number = name[len(prefix) :] if name.startswith(prefix) else ""
            digits = len(number) == len(low) and number.isascii() and number.isdigit()
            return digits and low <= number <= high
        return self._regex is not None and self._regex.fullmatch(name) is not None


def exactly(name: str) -> Pattern:
    """Return the pattern of one name, however it is written."""
    return Pattern(name, name, (2, 0, 0))


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """Return what a text covers; anything is a pattern, if only of itself."""
    if (found := _RANGE.fullmatch(text)) and len(found[2]) == len(found[3]):
        prefix, low, high = found.groups()
        same = next((n for n in range(len(low)) if low[n] != high[n]), len(low))
        covered = max(int(high) - int(low) + 1, 1)
        return Pattern(text, prefix + low[:same], (1, -covered, 0), None, (prefix, low, high))
    wild = [place for place in (text.find("*"), _first_x(text)) if place >= 0]
    if not wild:
        return exactly(text)
    stars = text.count("*")
    letters = len(text) - stars
    free = sum(len(_ONE_OF_TEN.findall(run)) for run in _NUMBER.findall(text))
    rank = (0, letters - free, -stars) if stars else (1, -(10**free), 0)
    return Pattern(text, text[: min(wild)], rank, re.compile(_regex_of(text), re.DOTALL))


def read(text: str) -> str:
    """Return a pattern as it is kept, or say what is wrong with it.

    Names may look like a range that is none, ``line-12-3``; numbers alone do not.
    """
    if text.count("*") > MOST_STARS:
        raise FaultError(_("At most %(num)s asterisks.", num=MOST_STARS))
    found = _RANGE.fullmatch(text)
    if found and not found[1] and (len(found[2]) != len(found[3]) or found[2] > found[3]):
        raise FaultError(
            _("A range goes from the lower number to the higher one, of equally many digits.")
        )
    return text


def _first_x(text: str) -> int:
    return min(
        (run.start() + x.start() for run in _NUMBER.finditer(text) if (x := _x_in(run[0]))),
        default=-1,
    )


def _x_in(run: str) -> re.Match[str] | None:
    return _ONE_OF_TEN.search(run)


def _regex_of(text: str) -> str:
    """Write a pattern as a regex that takes what is between two stars where it first comes.

    If the rest does not fit then, it would not fit later either: nothing is tried twice.
    """
    first, *others = ["".join(map(_regex_of_part, _PARTS.split(one))) for one in text.split("*")]
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>.*?{one})" for one in between if one) + f".*{last}"


def _regex_of_part(part: str) -> str:
    if _NUMBER.fullmatch(part):
        return _ONE_OF_TEN.sub("[0-9]", part)
    return re.escape(part)
