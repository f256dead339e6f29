"""The rows of a file, one at a time: of a CSV or of the first sheet of a workbook.

Never more than a line or a row is held in memory, and what no table has is refused: endless lines,
bombs, binary files. Characters that cannot be shown stand as U+FFFD in what comes out.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from flask_babel import gettext as _

from portal.errors import RefusedError
from portal.imports import workbooks

MOST_LINE = 1_000_000  # characters
MOST_COLUMNS = 200
UNREADABLE = "\ufffd"
DELIMITERS = ",;\t|"
_BLOCK = 1024 * 1024
_SAMPLE = 100
_BLANKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Marks of direction are not seen, and come along when numbers are copied from an address book.
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Format:
    """How a file is read; a workbook has neither encoding nor delimiter."""

    encoding: str = ""
    delimiter: str = ""
    header: bool = True

    @property
    def is_workbook(self) -> bool:
        return not self.encoding


class Record(NamedTuple):
    """A row with the line of the file on which it begins."""

    line: int
    cells: list[str]


def rows(path: Path, format: Format) -> Iterator[Record]:
    """Yield the rows of a file that are not blank, without its header."""
    records = all_rows(path, format)
    if format.header:
        next(records, None)
    yield from records


def all_rows(path: Path, format: Format) -> Iterator[Record]:
    found = workbooks.rows(path) if format.is_workbook else _csv_rows(path, format)
    for line, cells in found:
        cells = [clean(cell) for cell in cells]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise RefusedError(
                _(
                    "Line %(line)s has more than %(most)s columns.",
                    line=line,
                    most=MOST_COLUMNS,
                ),
                field="file",
            )
        if cells:
            yield Record(line, cells)


def clean(text: str) -> str:
    """Return a cell as one line of text without what cannot be seen."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", text))
    return _UNREADABLE.sub(UNREADABLE, _DIRECTION.sub("", text)).strip()


def _csv_rows(path: Path, format: Format) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(path, format.encoding), delimiter=format.delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = _(
                "The cell that begins on line %(line)s has no end: is a quotation mark missing?",
                line=line,
            )
            raise RefusedError(message, field="file") from error
        yield line, cells


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_LINE + 1), ""), 1):
            if len(line) > MOST_LINE:
                raise RefusedError(
                    _("Line %(line)s is too long for a table.", line=number), field="file"
                )
            yield line.lstrip("\ufeff") if number == 1 else line


def count(path: Path, format: Format) -> int:
    """Return about how many rows a file has; a cell of several lines counts for each of them.

    Refuses a line that is too long for a table, wherever it stands in the file.
    """
    if format.is_workbook:
        return workbooks.count(path)
    lines = longest = since = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = block.count(b"\n") or block.count(b"\r")
            since = 0 if found else since + len(block)
            longest, lines = max(longest, since), lines + found
            if longest > 4 * MOST_LINE:
                raise RefusedError(
                    _("Line %(line)s is too long for a table.", line=lines + 1), field="file"
                )
    return max(lines - (1 if format.header else 0), 1)


def found_format(path: Path, encoding: str) -> Format:
    """Return how a text in ``encoding`` is most likely to be read."""
    delimiter = max(DELIMITERS, key=lambda one: _regularity(path, encoding, one))
    format = Format(encoding, delimiter)
    return Format(encoding, delimiter, has_header(sample(path, format)))


def sample(path: Path, format: Format, most: int = _SAMPLE) -> list[Record]:
    return list(islice(all_rows(path, format), most))


def _regularity(path: Path, encoding: str, delimiter: str) -> float:
    """Return how many rows have the same number of cells, if that is more than one."""
    try:
        widths = [len(r.cells) for r in sample(path, Format(encoding, delimiter))]
    except RefusedError:
        return 0
    usual = max(set(widths), key=widths.count) if widths else 1
    return widths.count(usual) / len(widths) * min(usual, 10) ** 0.2 if usual > 1 else 0


def has_header(records: list[Record]) -> bool:
    """Tell whether the first row names columns: no names have numbers or addresses in them."""
    if not records:
        return False
    return not any(_is_value(cell) for cell in records[0].cells)


def _is_value(cell: str) -> bool:
    return "@" in cell or sum(map(str.isdigit, cell)) > len(cell) / 2


def width(records: Iterable[Record]) -> int:
    return max((len(record.cells) for record in records), default=0)
