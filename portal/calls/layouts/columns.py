"""What all rows of a table have in each of its columns: looked up once, and kept beside the file.

A large table takes a second to read; the form asks about another column at every change of it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from portal.calls.layouts.settings import Settings
from portal.calls.sources import cells
from portal.imports.reading import MOST_COLUMNS

MOST_VALUES = 60
_LONGEST_VALUES = 20_000  # characters, of all values of a column together
_LONGEST_DAY = 64  # characters, with its time
_AT_ONCE = 5000
_SHAPE = str.maketrans("123456789", "000000000")


@dataclass(frozen=True)
class Column:
    """``orders``: those in which all of its days can be read."""

    orders: list[str]
    has_days: bool
    has_halves: bool
    values: dict[str, str] | None  # as they are compared → as written; None: too many


def kept(
    path: Path, settings: Settings, rows: Iterable[Sequence[str]], most: int | None
) -> list[Column]:
    """Return the columns of a table as settings split it.

    All ``rows`` are asked for only once; ``most``: of no more than these, if they never were.
    """
    beside = path.with_name(f"{path.name}.columns.json")
    split = json.dumps([settings.encoding, settings.delimiter, settings.header, settings.width])
    known = _read(beside)
    if split not in known and most is not None:
        return look(islice(rows, most))
    if split not in known:
        known[split] = [asdict(column) for column in look(rows)]
        _write(beside, known)
    return [Column(**column) for column in known[split]]


def _read(beside: Path) -> dict[str, Any]:
    """Return what is kept, or nothing: a file that was cut off is made anew."""
    try:
        known = json.loads(beside.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(beside: Path, known: dict[str, Any]) -> None:
    """Keep what was found; where there is no room it is looked up again."""
    with suppress(OSError):
        new = beside.with_name(f"{beside.name}.{uuid.uuid4().hex}")
        new.write_text(json.dumps(known), "utf-8")
        new.replace(beside)


def look(rows: Iterable[Sequence[str]]) -> list[Column]:
    """Look at all rows."""
    looks: list[_Look] = []
    rest = iter(rows)
    while some := list(islice(rest, _AT_ONCE)):
        for number, texts in enumerate(islice(zip_longest(*some), MOST_COLUMNS)):
            if number == len(looks):
                looks.append(_Look())
            looks[number].take(set(texts) - {None})
    return [one.column() for one in looks]


class _Look:
    """One column on the way: its days, and its values as long as they are few."""

    def __init__(self) -> None:
        self.days: set[str] = set()
        self.has_halves = False
        self.values: dict[str, str] | None = {}
        self._lengths: dict[str, int] = {}  # of the day at the beginning of texts of a shape

    def take(self, texts: set[str]) -> None:
        cleaned = set(map(cells.clean, texts))
        for text in cleaned:
            if not text[:1].isdigit():
                continue
            if len(text) > _LONGEST_DAY:
                continue
            shape = text.translate(_SHAPE)
            if shape not in self._lengths:
                self._lengths[shape] = len(cells.written_day(text) or "")
                self.has_halves = self.has_halves or cells.has_half(text)
            if length := self._lengths[shape]:
                self.days.add(text[:length])
        if self.values is not None:
            for text in sorted(cleaned):
                self.values.setdefault(text.casefold(), text)
            length = sum(map(len, self.values))
            if len(self.values) > MOST_VALUES or length > _LONGEST_VALUES:
                self.values = None

    def column(self) -> Column:
        days = set(filter(cells.is_a_day, self.days))
        orders = sorted(cells.orders_of(days))
        return Column(orders, bool(days), self.has_halves, self.values)
