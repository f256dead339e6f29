"""Rows of roll-ups: named by what they are the total of, made where there is none, added to."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, func

from portal.calls.identifiers import stable_id
from portal.calls.stamping import chunks
from portal.calls.writing import Also, insert_rows
from portal.extensions import db


def row_id(table: Any, company_id: int, starts_at: dt.datetime, by: Iterable[Any]) -> uuid.UUID:
    """Name a row by what it is the total of, so that two imports cannot make it twice."""
    parts = [part.hex if isinstance(part, uuid.UUID) else str(part) for part in by]
    return stable_id(int(starts_at.timestamp()), table.__tablename__, str(company_id), *parts)


def add(table: Any, rows: list[dict[str, Any]], sums: tuple[str, ...], *most: str) -> None:
    """Add to the ``sums`` of rows what is given; of columns ``most`` keep the greatest.

    In one order: imports side by side must not deadlock. A row of which the first sum, of how many
    it is, comes to nothing is deleted.
    """
    insert_rows(table, sorted(rows, key=itemgetter("id")), _adding(sums, most))
    number = sums[0]
    for part in chunks([row for row in rows if row[number] < 0]):
        ids, company_id = [row["id"] for row in part], part[0]["company_id"]
        db.session.execute(
            delete(table)
            .where(table.company_id == company_id, table.id.in_(ids), getattr(table, number) == 0)
            .execution_options(synchronize_session=False)
        )


@cache
def _adding(sums: tuple[str, ...], most: tuple[str, ...]) -> Also:
    """Return what makes a statement add: the same one each time, so that statements are kept."""

    def adding(statement: Any) -> Any:
        greatest = func.greatest if db.engine.dialect.name == "postgresql" else func.max
        old, new = statement.table.c, statement.excluded
        changed = {name: old[name] + new[name] for name in sums}
        changed |= {name: greatest(old[name], new[name]) for name in most}
        return statement.on_conflict_do_update(index_elements=["company_id", "id"], set_=changed)

    return adding
