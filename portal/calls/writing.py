"""Rows of calls, and of what follows from them, as they are and as they are to be, by id.

An import writes hundreds of thousands: what is there once for each row here is worth a thought.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Dialect,
    Table,
    bindparam,
    column,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from portal.calls.stamping import Row, chunks
from portal.database import insert_for
from portal.extensions import db

Rows = Mapping[uuid.UUID, Row]
Also = Callable[[Any], Any]
# Rows in one value of PostgreSQL: a value has at most 1 GB, a document 4 MB, twice that as a text.
_TOGETHER = 100


def rows_by_id(model: Any, *conditions: Any) -> dict[uuid.UUID, Row]:
    names = [column.key for column in model.__mapper__.column_attrs]
    query = select(*(getattr(model, name) for name in names)).where(*conditions)
    rows = (dict(zip(names, row, strict=True)) for row in db.session.execute(query))
    return {row["id"]: row for row in rows}


def both_sides(old: Rows, new: Rows) -> list[Row]:
    """Return the rows that came, went and changed: as they are, then as they were."""
    return [*_differing(new, old), *_differing(old, new)]


def _differing(rows: Rows, others: Rows) -> list[Row]:
    """Return those rows that are not the same among the others."""
    if not others:
        return [*rows.values()]
    return [row for row_id, row in rows.items() if row != others.get(row_id)]


def gone(old: Iterable[uuid.UUID], new: Rows) -> list[uuid.UUID]:
    """Return which rows there are no more. Hardly any are old: difference would hash all new."""
    return [row_id for row_id in old if row_id not in new]


def delete_rows(model: Any, company_id: int, ids: Iterable[uuid.UUID]) -> None:
    for part in chunks(sorted(ids)):
        db.session.execute(
            delete(model)
            .where(model.company_id == company_id, model.id.in_(part))
            .execution_options(synchronize_session=False)
        )


def write_changed(model: Any, old: dict[uuid.UUID, Row], new: dict[uuid.UUID, Row]) -> None:
    """Insert the rows that are new, and update those that differ."""
    missing = [row for row_id, row in new.items() if row_id not in old] if old else [*new.values()]
    insert_rows(model, missing)
    changed = [row for row_id, row in new.items() if row != old.get(row_id, row)] if old else []
    if changed:
        db.session.execute(update(model), changed)


def _as_it_is(statement: Any) -> Any:
    return statement


def insert_rows(model: Any, rows: Sequence[Row], also: Also = _as_it_is) -> None:
    """Insert rows that all name the same columns, in a fraction of the time that the ORM takes.

    ``also``: adds to the statement what to do on a conflict.
    Only where the code that runs said ``unscoped``: what is written is not looked at any more.
    """
    if rows:
        connection = db.session.connection()
        write = _INSERTIONS[connection.dialect.name]
        write(connection, model.__table__, rows, also)


def _insert_one_by_one(
    connection: Connection, table: Table, rows: Sequence[Row], also: Also
) -> None:
    text, columns = _one_by_one(table, tuple(rows[0]), connection.dialect, also)
    values: list[Iterable[Any]] = []
    for name, bind in columns:
        ours = [row[name] for row in rows]
        values.append(ours if bind is None else map(bind, ours))
    connection.exec_driver_sql(text, list(zip(*values, strict=True)))


@lru_cache(maxsize=100)
def _one_by_one(
    table: Table, names: tuple[str, ...], dialect: Dialect, also: Also
) -> tuple[str, list[tuple[str, Any]]]:
    """Return the statement, and its columns in order with what binds each."""
    statement = also(insert_for(dialect.name, table))
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    types = {name: table.c[name].type.dialect_impl(dialect) for name in names}
    columns = [(name, types[name].bind_processor(dialect)) for name in compiled.positiontup]
    return str(compiled), columns


def _insert_at_once(connection: Connection, table: Table, rows: Sequence[Row], also: Also) -> None:
    """Give PostgreSQL many rows as one value: it opens the table and its indexes once for them."""
    text = _at_once(table, tuple(rows[0]), connection.dialect, also)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():  # it is at one part while the next is written out
            for part in chunks(rows, _TOGETHER):
                connection.exec_driver_sql(text, {"rows": json.dumps(part, default=_as_json)})
    except psycopg.Error as error:  # of a part before: told as of any statement
        raise DBAPIError.instance(
            text, None, error, psycopg.Error, dialect=connection.dialect
        ) from error


@lru_cache(maxsize=100)
def _at_once(table: Table, names: tuple[str, ...], dialect: Dialect, also: Also) -> str:
    columns = (column(name, table.c[name].type) for name in names)
    told = func.json_to_recordset(bindparam("rows")).table_valued(*columns)
    rows = told.render_derived(with_types=True)
    statement = insert_for(dialect.name, table).from_select(names, select(*rows.c))
    return str(also(statement).compile(dialect=dialect))


def _as_json(value: Any) -> str:
    """Write a value as PostgreSQL reads it from a text."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"no column takes {value!r}")


_INSERTIONS = {"sqlite": _insert_one_by_one, "postgresql": _insert_at_once}
