"""Rows put into their tables with nothing around them: executemany on SQLite, COPY on PostgreSQL.

Indexes and references are in force, and transactions are kept as those of the portal are.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import JsonDumper

from benchmarks.clock import Clock
from benchmarks.stores import Store
from portal.calls.stamping import chunks

_AT_ONCE = 1000


def written_again(store: Store, tables: list[str], commits: int) -> dict[str, float]:
    """Take out what is in tables and put it in again; return the CPU in µs by table.

    The tables are in the order of their references; there are as many ``commits``.
    """
    bare = _SQLite(store.bare) if store.name == "SQLite" else _PostgreSQL(store.bare)
    with contextlib.closing(bare.connection):
        parts = [(table, part) for table in tables for part in chunks(bare.rows(table), _AT_ONCE)]
        bare.empty(tables)
        together, taken = -(-len(parts) // commits), defaultdict[str, float](float)
        for number, (table, part) in enumerate(parts, 1):

            def work(table: str = table, part: Sequence[Any] = part, number: int = number) -> None:
                bare.write(table, part)
                if number % together == 0 or number == len(parts):
                    bare.connection.commit()

            taken[table] += bare.clock(work)[0]
    return taken


def analyze(store: Store) -> None:
    """Let PostgreSQL know how full its tables are, as it does by itself within a minute."""
    if store.name == "PostgreSQL":
        with psycopg.connect(store.bare) as connection:
            connection.execute("ANALYZE")


class _SQLite:
    """Plain statements on a file as the portal sets it up."""

    def __init__(self, path: str) -> None:
        self.connection, self.clock = sqlite3.connect(path), Clock()

    def rows(self, table: str) -> list[Any]:
        return self.connection.execute(f"SELECT * FROM {table}").fetchall()  # our names

    def empty(self, tables: list[str]) -> None:
        for table in tables:
            self.connection.execute(f"DELETE FROM {table}")  # as above
        self.connection.commit()
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "cache_size=-64000"):
            self.connection.execute(f"PRAGMA {pragma}")

    def write(self, table: str, rows: Sequence[Any]) -> None:
        places = ", ".join("?" * len(rows[0]))
        self.connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # as above


class _PostgreSQL:
    """Plain COPY."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)
        self.connection.adapters.register_dumper(dict, JsonDumper)
        self.clock = Clock(self.connection.info.backend_pid)

    def rows(self, table: str) -> list[Any]:
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
        return self.connection.execute(query).fetchall()

    def empty(self, tables: list[str]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        self.connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
        self.connection.commit()

    def write(self, table: str, rows: Sequence[Any]) -> None:
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with self.connection.cursor().copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
