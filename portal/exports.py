"""Downloads: exactly the rows that are given, as CSV or XLSX, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, Any

from flask import Response, stream_with_context
from xlsxwriter import Workbook

FORMATS = ("csv", "xlsx")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
# '+48 512 345 460' is a number and must come back unharmed when the file is imported again.
_PHONE = re.compile(r"\+[\d\s•]+")
# What neither format can hold: control characters and lone surrogates.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROWS_AT_ONCE = 500
_MOST_XLSX_TEXT = 32_767
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_XLSX_ROWS = 1_048_576  # of a sheet, with its headings
_WORKBOOK = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}


def download(format: str, name: str, headings: list[str], rows: Iterable[list[Any]]) -> Response:
    """Return the answer that sends a table; a CSV is streamed while its rows are read."""
    if format == "xlsx":
        return _xlsx(name, headings, rows)
    response = Response(stream_with_context(csv_pieces(headings, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: such text gets an apostrophe."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if not isinstance(value, str):
        return value
    text = _UNWRITABLE.sub("\ufffd", value)
    # Blanks before the sign do not stop a spreadsheet from reading a formula.
    begins = text.lstrip(" ")[:1] or text[:1]
    if (begins in _DANGEROUS or value[:1] == "\x00") and not _PHONE.fullmatch(text):
        return f"'{text}"
    return text


def csv_pieces(headings: list[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """Yield CSV with a byte order mark, without which Excel misreads it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([harmless(heading) for heading in headings])
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _xlsx(name: str, headings: list[str], rows: Iterable[list[Any]]) -> Response:
    """Write a workbook row by row to a file that vanishes when it has been sent."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the answer
    write_workbook(file, headings, rows)
    file.seek(0)
    response = Response(_pieces(file), mimetype=XLSX_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def write_workbook(file: IO[bytes], headings: list[str], rows: Iterable[list[Any]]) -> None:
    """Write a workbook, of as many sheets as its rows take; none but the row in hand is kept.

    Texts are written as texts: nothing in a cell is ever a formula or a link.
    """
    with Workbook(file, _WORKBOOK) as book:
        bold = book.add_format({"bold": True})
        rows = iter(rows)
        row, more = next(rows, None), True
        while more:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
            here = islice(chain([row], rows), MOST_XLSX_ROWS - 1) if row is not None else ()
            for number, cells in enumerate(here, 1):
                for column, cell in enumerate(cells):
                    _write(sheet, number, column, cell)
            row = next(rows, None)
            more = row is not None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(65_536):
            yield piece


def _write(sheet: Any, row: int, column: int, cell: Any) -> None:
    if isinstance(cell, dt.datetime):
        sheet.write_datetime(row, column, cell)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        sheet.write_number(row, column, cell)
    elif cell is not None:
        sheet.write_string(row, column, _UNWRITABLE.sub("\ufffd", str(cell))[:_MOST_XLSX_TEXT])
