"""The numbers of a dialer, a page at a time in the order of the numbers, and their progress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from portal.database import having_words
from portal.extensions import db
from portal.objects.base.models import STATES, DialerNumber
from portal.objects.kinds.dialer import Dialer

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What the numbers are restricted to."""

    text: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.state)


def progress(dialer: Dialer) -> dict[str, int]:
    """Return how many numbers there are, how many in each state, and what imports left out."""
    query = (
        select(DialerNumber.state, func.count())
        .where(DialerNumber.dialer_id == dialer.id)
        .group_by(DialerNumber.state)
    )
    found: dict[str, int] = {state: number for state, number in db.session.execute(query)}  # noqa: C416  # rows are no pairs to mypy
    states = {state: found.get(state, 0) for state in STATES}
    states["wrong"] += dialer.base_wrong
    return {"total": sum(found.values()), **states, "duplicate": dialer.base_duplicate}


def numbers(dialer: Dialer, filters: Filters, after: str) -> list[DialerNumber]:
    """Return up to ``PAGE + 1`` numbers of a dialer behind ``after``."""
    query = _found(select(DialerNumber), dialer, filters).order_by(DialerNumber.number)
    if after:
        query = query.where(DialerNumber.number > after)
    return list(db.session.scalars(query.limit(PAGE + 1)))


def total(dialer: Dialer, filters: Filters) -> int:
    return db.session.scalar(_found(select(func.count(DialerNumber.id)), dialer, filters)) or 0


def _found(query: Select[Any], dialer: Dialer, filters: Filters) -> Select[Any]:
    """Search digits in numbers, and words in names and notes as they are searched everywhere."""
    query = query.where(DialerNumber.dialer_id == dialer.id)
    if filters.state:
        query = query.where(DialerNumber.state == filters.state)
    digits = re.sub(r"[\s()./-]", "", filters.text)
    if re.fullmatch(r"\+?[0-9]+", digits):
        return query.where(DialerNumber.number.contains(digits, autoescape=True))
    return query.where(*having_words(DialerNumber.search_key, filters.text))
