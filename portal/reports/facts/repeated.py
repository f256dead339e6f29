"""Numbers that call again: who has to call twice was not helped the first time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, not_, or_, select

from portal import sealing
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.log import numbers
from portal.calls.models import Visit
from portal.reports import clock
from portal.reports.facts import visits
from portal.reports.terms import Dimension, Measure, Sum, Sums, different
from portal.wall.criteria import looked_up

_BEFORE = looked_up(Visit, "part_before")
_SEEN_BEFORE = (
    select(_BEFORE.id)
    .where(
        _BEFORE.company_id == Visit.company_id,
        _BEFORE.call_id == Visit.call_id,
        _BEFORE.ordinal < Visit.ordinal,
    )
    .exists()
)
# A call that goes on in another project is still one: only there are its parts looked at.
_CAME = and_(Visit.first_in_project, or_(not_(Visit.crosses_projects), not_(_SEEN_BEFORE)))
_AT = clock.Slot(Visit.started_at, 1)
TIMES = Sum("times", _CAME)
NUMBERS = Sum("numbers", _CAME, Visit.digits, how="values")
LAST = Sum("last", _CAME, _AT, how="max")
# The first is the last of a clock that runs backwards.
FIRST = Sum("first", _CAME, clock.END_S - _AT, how="max")


def _again(sums: Sums) -> int:
    return sum(1 for times in sums[NUMBERS.name].values() if times > 1)


def _solved(sums: Sums) -> float | None:
    found = sums[NUMBERS.name]
    return 1 - _again(sums) / len(found) if found else None


def called_again(sums: Sums) -> bool:
    return bool(sums[TIMES.name] > 1)


def _first_at(sums: Sums) -> Any:
    return clock.END_S - sums[FIRST.name] if sums[FIRST.name] else None


CALLS = Measure(
    "times",
    _l("Calls"),
    _l("Calls that came in, each counted once: where its first part is that you see."),
    (TIMES,),
)
CALLERS = Measure(
    "numbers",
    _l("Numbers"),
    _l("Different numbers that called."),
    (NUMBERS,),
    value=different(NUMBERS),
    behind=TIMES,
)
AGAIN = Measure(
    "again",
    _l("Called again"),
    _l("Numbers that called more than once in the period."),
    (NUMBERS,),
    value=_again,
    better=-1,
    behind=TIMES,
)
SOLVED = Measure(
    "solved",
    _l("Solved at first call"),
    _l("Numbers that did not call again in the period as a share of all."),
    (NUMBERS,),
    unit="percent",
    value=_solved,
    better=1,
    behind=TIMES,
)
FIRST_AT = Measure(
    "first",
    _l("First"),
    _l("When the first of the calls came."),
    (FIRST,),
    unit="moment",
    value=_first_at,
    behind=TIMES,
)
LAST_AT = Measure(
    "last",
    _l("Last"),
    _l("When the last of the calls came."),
    (LAST,),
    unit="moment",
    value=lambda sums: sums[LAST.name] or None,
    behind=TIMES,
)


def _written(digits: str) -> str:
    """Return a number as it stands in addresses: sealed for who may not see it."""
    return digits if can(Permission.SEE_NUMBERS) else sealing.sealed(digits).decode()


def _read(text: str) -> str:
    """Return the number that an address names; a whole one may be asked for by who knows it."""
    if not text.isdigit():
        try:
            text = sealing.opened(text.encode())
        except sealing.InvalidToken:
            raise ValueError(text) from None
    return text


BY_NUMBER = Dimension(
    "number", _l("Number"), Visit.digits, shown=numbers.shown, written=_written, read=_read
)

FACT = replace(visits.RAW, name="repeated", where=(Visit.direction == "in", Visit.digits != ""))
