"""Reading the tables of an exchange's database as they grow: never writing, and little at a time.

A row comes at the end of its call and bears the time of its beginning, and some are changed later:
what is newer than the last row seen is not all that is new. So some time before it is read again at
each look, and a day now and then; what is as it was is left out, second by second. A second is told
whole, that equal rows of it are counted.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from portal.calls.following import addresses
from portal.calls.following.layouts import Layout, Meanings, layout_of, told
from portal.errors import RefusedError

_PAGE = 1000
_ROOMY_PAGE = 64_000  # for as many rows of one second
# For calls longer than the overlap, and rows that are changed long after.
_LONG_LOOK_S, _LONG_LOOK_EVERY_S = 86_400, 600


@dataclass(frozen=True)
class Batch:
    """Rows of one table, each as canonical JSON; ``position``: how far the table is read then."""

    kind: str
    table: str
    rows: list[bytes]
    position: str


class Tables:
    """The tables of calls in one database, and what has been seen of them."""

    def __init__(self, url: str, overlap_s: int, zone: ZoneInfo) -> None:
        self.url, self.overlap_s, self.zone = url, overlap_s, zone
        self._engine: sa.Engine | None = None
        self._layouts: list[Layout] = []
        self._seen: dict[str, dict[str, bytes]] = {}
        self._long_look_at = 0.0

    def new(self, positions: Mapping[str, str]) -> Iterator[Batch]:
        """Yield what is new, or not as it was; ``positions`` are those of the tables.

        A batch counts as seen when the next one is asked for.
        """
        with self._connected() as connection:
            long = self._long_look_at <= time.monotonic()
            if long or not self._layouts:
                self._layouts = _layouts_in(connection)
            meanings = Meanings(connection, self._layouts)
            overlap = self._longest_s if long else self.overlap_s
            for layout in self._layouts:
                yield from self._changed(
                    connection, layout, positions.get(layout.name, ""), overlap, meanings
                )
            if long:
                self._long_look_at = time.monotonic() + _LONG_LOOK_EVERY_S

    @property
    def _longest_s(self) -> int:
        return max(self.overlap_s, _LONG_LOOK_S)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._engine, self._layouts = None, []

    def _changed(
        self,
        connection: sa.Connection,
        layout: Layout,
        position: str,
        overlap_s: int,
        meanings: Meanings,
    ) -> Iterator[Batch]:
        seen = self._seen.setdefault(layout.name, {})
        for page in _pages(connection, layout, layout.shifted(position, -overlap_s)):
            rows, marks = [], {}
            for second, found in page:
                of_second = sorted(told(dict(row), layout, self.zone, meanings) for row in found)
                mark = hashlib.blake2b(b"\n".join(of_second), digest_size=16).digest()
                if seen.get(second) != mark:
                    rows += of_second
                    marks[second] = mark
            if rows:
                # A time that is none, or is not yet, must not move the reading on.
                now = layout.now(self.zone)
                told_by = (second for second, _ in page if second <= now)
                times = [position, *(one for one in told_by if layout.shifted(one, 0))]
                position = max(times)
                yield Batch(layout.kind, layout.name, rows, position)
                oldest = layout.shifted(position, -self._longest_s)
                seen |= marks
                for second in [second for second in seen if second < oldest]:
                    del seen[second]

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """Connect; say what is wrong in a sentence that names no password."""
        try:
            self._engine = self._engine or addresses.engine_of(self.url)
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, UnicodeError, OSError) as error:
            self.close()
            raise addresses.unreadable(self.url, error) from None


def _layouts_in(connection: sa.Connection) -> list[Layout]:
    """Find the tables, and views, that calls can be read from."""
    inspector = sa.inspect(connection)
    names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
    dialect = connection.dialect.name
    possible = [name for name in names if Layout.may_be(name)]
    if dialect == "postgresql":  # which lists what may not be read as well
        may = sa.func.has_table_privilege(sa.func.quote_ident(sa.bindparam("name")), "select")
        possible = [name for name in possible if connection.scalar(sa.select(may), {"name": name})]
    found = (layout_of(name, inspector.get_columns(name), dialect) for name in possible)
    layouts = [layout for layout in found if layout is not None]
    if not layouts:
        raise RefusedError(_("This database has no table that calls can be read from."))
    return layouts


Second = tuple[str, list[sa.RowMapping]]


def _pages(connection: sa.Connection, layout: Layout, since: str) -> Iterator[list[Second]]:
    """Yield the rows since a second by seconds, none of them in two parts."""
    size = _PAGE
    while True:
        query = layout.rows_since(since).limit(size + 1)
        rows = connection.execute(query).mappings().all()
        seconds = list(_by_second(rows, layout))
        if len(rows) <= size:
            if seconds:
                yield seconds
            return
        last, _rest = seconds[-1]
        if len(seconds) > 1:
            yield seconds[:-1]
            size = _PAGE
        elif size < _ROOMY_PAGE:
            size *= 4
        else:  # damage: so many calls do not begin in one second
            yield seconds
            last = layout.shifted(last, 1)
        if not last:  # no time that could be read
            return
        since = last


def _by_second(rows: Iterable[sa.RowMapping], layout: Layout) -> Iterator[Second]:
    for second, found in groupby(rows, key=lambda row: layout.second(row[layout.clock])):
        yield second, list(found)
