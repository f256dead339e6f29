"""What the call log is restricted to: read from the address, never guessed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.calls.models import DIRECTIONS, RESULTS
from portal.errors import RefusedError
from portal.periods import Period, period_from

MOST_VALUES = 2000


@dataclass(frozen=True)
class Filters:
    """Filters of the call log. An empty tuple or text restricts nothing.

    A visit is of a queue or of a dialer: choosing some of both asks for the visits of either.
    """

    period: Period
    project_ids: tuple[uuid.UUID, ...] = ()
    queue_ids: tuple[uuid.UUID, ...] = ()
    dialer_ids: tuple[uuid.UUID, ...] = ()
    operator_ids: tuple[uuid.UUID, ...] = ()
    direction: str = ""
    results: tuple[str, ...] = ()
    digits: str = ""
    whole_number: bool = False

    @property
    def beyond_totals(self) -> bool:
        """Tell whether the roll-ups know too little for an exact total."""
        return bool(self.operator_ids or self.digits)

    def __bool__(self) -> bool:
        return any(
            (
                self.project_ids,
                self.queue_ids,
                self.dialer_ids,
                self.operator_ids,
                self.direction,
                self.results,
                self.digits,
            )
        )


def read(arguments: MultiDict[str, str], *, timezone: str, numbers_shown: bool) -> Filters:
    """Return the filters that an address names; raise RefusedError where it makes no sense.

    Who sees numbers masked searches by the whole number only: parts would give it away bit by bit.
    """
    return Filters(
        period=period_from(arguments, timezone),
        project_ids=_ids(arguments, "project"),
        queue_ids=_ids(arguments, "queue"),
        dialer_ids=_ids(arguments, "dialer"),
        operator_ids=_ids(arguments, "operator"),
        direction=_one_of(arguments, "direction", DIRECTIONS),
        results=_some_of(arguments, "result", RESULTS),
        digits=_digits(arguments.get("number", "")),
        whole_number=not numbers_shown,
    )


def _ids(arguments: MultiDict[str, str], name: str) -> tuple[uuid.UUID, ...]:
    values = [value for value in arguments.getlist(name) if value]
    if len(values) > MOST_VALUES:
        raise RefusedError(_("Too many values are chosen at once."), field=name)
    try:
        return tuple(dict.fromkeys(uuid.UUID(value) for value in values))
    except ValueError:
        raise RefusedError(_("This filter is not understood."), field=name) from None


def _one_of(arguments: MultiDict[str, str], name: str, known: Iterable[str]) -> str:
    value = arguments.get(name, "")
    if value and value not in known:
        raise RefusedError(_("This filter is not understood."), field=name)
    return value


def _some_of(arguments: MultiDict[str, str], name: str, known: Iterable[str]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value for value in arguments.getlist(name) if value))
    if not set(values) <= set(known):
        raise RefusedError(_("This filter is not understood."), field=name)
    return values


def _digits(text: str) -> str:
    """Return the digits of a number or of a part of one; blanks and signs do not count."""
    if len(text) > 100:
        raise RefusedError(_("This number is too long."), field="number")
    digits = re.sub(r"[\s()./+-]", "", text)
    if digits and not (digits.isascii() and digits.isdigit()):
        raise RefusedError(_("A number is made of digits."), field="number")
    return digits
