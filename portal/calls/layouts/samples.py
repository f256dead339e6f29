"""What a table that somebody uploaded looks like: its first rows, and what all of it decides."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from portal.calls.builders.layout import build
from portal.calls.built import BuiltCall
from portal.calls.layouts import arrival
from portal.calls.layouts.columns import kept
from portal.calls.layouts.settings import Settings
from portal.calls.sources import BOM, cells
from portal.calls.sources.cells import CellError
from portal.calls.sources.layout import TableFormat
from portal.calls.sources.records import Told, Verdict
from portal.imports import encodings, reading

SHOWN = 20
LOOKED_AT = 10_000  # of a table that is split in another way than before
_DECIMAL_COMMA = re.compile(r"\d+,(\d{1,2}|\d{4,})")
_TIMES = ("date", "start", "answer", "end")


@dataclass(frozen=True)
class Row:
    """One of the first rows: the call that it makes, or what is wrong with it."""

    line: int
    cells: list[str]
    verdict: str
    reason: str
    call: BuiltCall | None
    start: str = ""  # by the clock of the file


@dataclass
class Scan:
    """What all rows decide together."""

    orders: set[str] = field(default_factory=lambda: set(cells.DATE_ORDERS))
    has_days: bool = False
    has_halves: bool = False
    outcomes: dict[str, str] = field(default_factory=dict)  # as they are compared → as written
    directions: dict[str, str] = field(default_factory=dict)
    too_many: str = ""  # the role of a column that has too many values


def found(path: Path, language: str, timezone: str) -> Settings:
    """Return how a file is most likely to be read."""
    format = reading.found_format(path, encodings.found(path, language))
    return Settings(timezone, format.encoding, format.delimiter, () if format.header else None)


def is_table(path: Path) -> bool:
    """Tell whether a file has more than one column, by any delimiter."""
    settings = found(path, "en", "UTC")
    return width(first_rows(path, settings, 2)) > 1


def first_rows(path: Path, settings: Settings, most: int = SHOWN) -> list[list[str]]:
    """Return the cells of the first rows that are not blank."""
    format = TableFormat("", 1, settings)
    return [texts for _, texts in islice(_texts(path, format), most)]


def preview(path: Path, settings: Settings) -> list[Row]:
    """Return what becomes of the first rows."""
    format, rows = TableFormat("", 1, settings), []
    for number, raw in _lines(path, settings):
        parsed = format.parse(raw)
        if parsed.verdict is Verdict.BLANK:
            continue
        told = [parsed.record] if isinstance(parsed.record, Told) else []
        calls = build(told, ZoneInfo(settings.timezone))
        try:
            texts = format.split(raw)
        except CellError:
            texts = [raw.decode(errors="replace")]
        call = calls[0] if calls else None
        start = _shown(call.started, settings.timezone) if call else ""
        rows.append(Row(number, texts, str(parsed.verdict), parsed.reason, call, start))
        if len(rows) == SHOWN:
            break
    return rows


def units(rows: Sequence[Sequence[str]], columns: dict[str, int]) -> dict[str, Any]:
    """Return in what the durations of some rows are most likely written."""
    found: dict[str, Any] = {}
    for role in ("wait", "talk"):
        texts = [row[columns[role]] for row in rows if columns.get(role, len(row)) < len(row)]
        parts = max((text.count(":") for text in texts), default=0)
        found[f"{role}_unit"] = ("s", "m:ss", "h:mm:ss")[min(parts, 2)]
        if any(_DECIMAL_COMMA.fullmatch(text.strip()) for text in texts):
            found["decimal_comma"] = True
    return found


def scan(path: Path, settings: Settings, *, live: bool) -> Scan:
    """Say what all rows decide: no row alone tells day and month apart.

    ``live``: somebody waits for it, so that of rows which were never all read the first will do.
    """
    format, result = TableFormat("", 1, settings), Scan()
    rows = (texts for _, texts in _texts(path, format))
    columns = kept(path, settings, rows, LOOKED_AT if live else None)
    chosen = {role: columns[n] for role, n in settings.columns.items() if n < len(columns)}
    for column in (chosen[role] for role in _TIMES if role in chosen):
        result.orders &= set(column.orders)
        result.has_days = result.has_days or column.has_days
        result.has_halves = result.has_halves or column.has_halves
    for role, values in (("outcome", result.outcomes), ("direction", result.directions)):
        if role in chosen and chosen[role].values is None:
            result.too_many = role
        elif role in chosen:
            values.update(sorted((chosen[role].values or {}).items()))
    return result


def _shown(second: int, timezone: str) -> str:
    return f"{dt.datetime.fromtimestamp(second, ZoneInfo(timezone)):%Y-%m-%d %H:%M:%S}"


def width(rows: Sequence[Sequence[str]]) -> int:
    return max(map(len, rows), default=0)


def _texts(path: Path, format: TableFormat) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the rows that can be split, without the header."""
    for number, raw in _lines(path, format.settings):
        try:
            texts = format.split(raw)
        except CellError:
            continue
        if any(map(str.strip, texts)) and not format.is_header(texts):
            yield number, texts


def _lines(path: Path, settings: Settings) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        rows = arrival.rows(file, settings.delimiter, settings.encoding)
        for number, line in enumerate(rows, 1):
            raw = line.removesuffix(b"\n").removesuffix(b"\r")
            yield number, raw.removeprefix(BOM) if number == 1 else raw
