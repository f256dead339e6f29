"""The tables of an exchange as the tests make and read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from portal.calls.following.tables import Batch, Tables
from portal.calls.ordering import Place, in_order
from portal.calls.sources import form_of
from portal.calls.sources.records import Record
from tests.calls.logs import UTC, V16

CDR, QUEUE_LOG = V16 / "cdr_sqlite.db", V16 / "queue_log.db"
Row = Mapping[str, Any]


def rows_in(path: Path, table: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    return rows


def write(path: Path, table: str, rows: Iterable[Row]) -> Path:
    """Put rows into a table, which is made with their columns if it is not there."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({names})")
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*row.values()])
    connection.commit()
    connection.close()
    return path


class Reader:
    """Looks at databases as a follower does, and keeps what it was told."""

    def __init__(self, *paths: Path, overlap_s: int = 3600) -> None:
        self.paths, self.overlap_s = paths, overlap_s
        self.positions: dict[str, str] = {}
        self.told: list[Batch] = []
        self.tables: list[Tables] = []
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was seen, as a follower that is started again does."""
        self.close()
        self.tables = [Tables(f"sqlite:///{path}", self.overlap_s, UTC) for path in self.paths]

    def look(self) -> list[Batch]:
        new = [batch for tables in self.tables for batch in tables.new(self.positions)]
        self.positions |= {batch.table: batch.position for batch in new}
        self.told += new
        return new

    def close(self) -> None:
        for tables in self.tables:
            tables.close()

    def records(self) -> list[Record]:
        """Return what was told as the evidence keeps it: once; equal rows of a batch are twins."""
        places: dict[tuple[bytes, int], Place] = {}
        for batch in self.told:
            times: dict[bytes, int] = {}
            for raw in batch.rows:
                parsed = form_of(batch.kind).parse(raw)
                digest = parsed.digest(raw)
                times[digest] = 1 if parsed.key else times.get(digest, 0) + 1
                line, at = (digest, times[digest]), getattr(parsed.record, "at", 0)
                if parsed.record is not None:
                    place = Place(line, batch.table, len(places), at, parsed.record)
                    places.setdefault(line, place)
        return in_order(places.values())
