"""The numbers of a list, a page at a time in the order of the numbers."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import Select, func, select

from portal.database import search_key
from portal.extensions import db
from portal.objects.kinds.number_list import NumberList
from portal.objects.numbers.models import NumberListEntry

PAGE = 50


def entries(item: NumberList, text: str, after: str) -> list[NumberListEntry]:
    """Return up to ``PAGE + 1`` numbers of a list behind ``after``."""
    query = _found(select(NumberListEntry), item, text).order_by(NumberListEntry.number)
    if after:
        query = query.where(NumberListEntry.number > after)
    return list(db.session.scalars(query.limit(PAGE + 1)))


def expired(item: NumberList, text: str, day: dt.date) -> int:
    """Return how many of the numbers found do not count any more."""
    query = _found(select(func.count(NumberListEntry.id)), item, text)
    return db.session.scalar(query.where(NumberListEntry.expires_on < day)) or 0


def total(item: NumberList, text: str = "") -> int:
    return db.session.scalar(_found(select(func.count(NumberListEntry.id)), item, text)) or 0


def _found(query: Select, item: NumberList, text: str) -> Select:
    """Search digits in numbers, and words in labels as they are searched everywhere."""
    query = query.where(NumberListEntry.list_id == item.id)
    digits = re.sub(r"[\s()./-]", "", text)
    if re.fullmatch(r"\+?\d+", digits):
        return query.where(NumberListEntry.number.contains(digits, autoescape=True))
    for word in search_key(text.replace("\0", "")).split()[:8]:
        query = query.where(NumberListEntry.search_key.contains(word, autoescape=True))
    return query


def entry(item: NumberList, number: str) -> NumberListEntry | None:
    query = select(NumberListEntry).where(
        NumberListEntry.list_id == item.id, NumberListEntry.number == number
    )
    return db.session.scalars(query).first()
