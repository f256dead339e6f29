"""In which order raw rows are listed, and where a list goes on, as it stands in the address."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from typing import Any

from sqlalchemy import Select, Uuid, tuple_

from portal import keyset
from portal.reports.terms import Fact


def order(fact: Fact) -> Any:
    """Return the column that rows are listed by: their time, else their own order."""
    return fact.order if fact.at is None else fact.at


def after(query: Select[Any], fact: Fact, before: tuple[Any, Any] | None) -> Select[Any]:
    """List rows behind ``before``: the newest first, and those without a time in their order."""
    at = order(fact)
    place = tuple_(at, fact.id)
    if fact.at is None:
        if before:
            query = query.where(at >= before[0], place > tuple_(*before))
        return query.order_by(at, fact.id)
    if before:
        query = query.where(at <= before[0], place < tuple_(*before))
    return query.order_by(at.desc(), fact.id.desc())


def listed(rows: list[Any], before: tuple[Any, Any] | None) -> list[Any]:
    """Return the same of rows that no statement reads: of those by time, the newest first."""
    return [row for row in rows if before is None or (row[1], row[0]) < before]


def written(fact: Fact, row: Any) -> str:
    """Return the place behind a row: its time, or what it is ordered by, and its id."""
    if fact.at is not None:
        return keyset.written(row.at, row.id)
    return base64.urlsafe_b64encode(json.dumps([row.at, str(row.id)]).encode()).decode()


def read(fact: Fact, text: str | None) -> tuple[Any, Any] | None:
    """Read what :func:`written` wrote; anything else begins with the first row."""
    if fact.at is not None:
        return keyset.read(text)
    try:
        order, identifier = json.loads(base64.urlsafe_b64decode(text or ""))
        if not isinstance(order, str) or not isinstance(identifier, str):
            return None
        return order, uuid.UUID(identifier) if isinstance(fact.id.type, Uuid) else identifier
    except (binascii.Error, ValueError, TypeError):
        return None
