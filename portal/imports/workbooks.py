"""The rows of a workbook's first sheet. Nothing in it is executed: a formula is its last value.

A workbook is a ZIP of XML. How large each part is unpacked stands in its directory, and no more
than that is ever unpacked: what would fill the memory is refused before it is opened.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from flask_babel import gettext as _

from portal.errors import RefusedError

MOST_ROWS = 1_048_576
_MB = 1024 * 1024
# What is kept in memory while the sheet is read, and what is only passed through.
_MOST_WORDS, _MOST_SHEET, _MOST_OTHER, _MOST_PARTS = 48 * _MB, 300 * _MB, 8 * _MB, 2_000
_MOST_SPREAD = 150  # times: no table of real texts packs better


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    with _sheet(path) as sheet:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MOST_ROWS:
                raise _refused()
            yield number, [_text(value) for value in row]


def count(path: Path) -> int:
    """Return how many rows the sheet says that it has."""
    with _sheet(path, trusting=True) as sheet:
        return min(sheet.max_row or 1, MOST_ROWS)


@contextmanager
def _sheet(path: Path, *, trusting: bool = False) -> Iterator[Any]:
    """Open the first sheet; whatever fails in a broken workbook is a refusal."""
    _refuse_bombs(path)
    book, file = None, path.open("rb")
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(iter(book.worksheets), None)
        if sheet is None:
            raise _refused()
        if not trusting:
            sheet.reset_dimensions()  # what it says of its size may be a lie
        yield sheet
    except (RefusedError, GeneratorExit):
        raise
    except Exception as error:  # a broken workbook fails in any way it likes
        raise _refused() from error
    finally:
        if book is not None:
            book.close()
        file.close()


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _refused() from error
    if len(parts) > _MOST_PARTS or any(_is_bomb(part) for part in parts):
        raise RefusedError(_("This workbook is too large when it is unpacked."), field="file")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    name = part.filename.lower()
    if "sharedstrings" in name:
        most = _MOST_WORDS
    else:
        most = _MOST_SHEET if "worksheets/" in name else _MOST_OTHER
    spread = part.file_size / max(part.compress_size, 1)
    return part.file_size > most or (part.file_size > 10 * _MB and spread > _MOST_SPREAD)


def _refused() -> RefusedError:
    message = _("This workbook cannot be read. Save it again as .xlsx or as CSV.")
    return RefusedError(message, field="file")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case dt.datetime():
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value)
