"""Making a plain text of one row a line from whatever a table comes as."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from portal.calls.sources.lines import MAX_LINE
from portal.imports import encodings, reading, workbooks
from portal.imports.reading import Format

_GZIP = b"\x1f\x8b"
_BLOCK = 1024 * 1024
_MOST_LINES = 100  # in one cell; a quotation mark that is never closed swallows no more than these
_MARK = "\ufeff"


def make_plain(path: Path, language: str) -> None:
    """Unpack a file, and turn a workbook or UTF-16 into CSV in UTF-8; refuse what is no table."""
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if packed:
        with gzip.open(path) as file, _beside(path).open("wb") as plain:
            shutil.copyfileobj(file, plain, _BLOCK)
        _beside(path).replace(path)
    if workbooks.is_workbook(path):
        _write(path, _rows(path))
        return
    reading.count(path, Format("utf-8-sig"))  # refuses endless lines before all else
    encoding = encodings.found(path, language)
    if _ends_in_cr(path):
        with path.open(encoding="latin-1") as old:
            _write(path, old, encoding="latin-1")
    if encoding.startswith("utf-16"):
        with path.open(encoding=encoding, errors="replace", newline="") as wide:
            _write(path, (line.removeprefix(_MARK) for line in wide))


def write_rows(path: Path, plain: Path, delimiter: str, encoding: str) -> None:
    """Write a table anew as the lines that are its evidence."""
    new = _beside(plain)
    with path.open("rb") as source, new.open("wb") as target:
        target.writelines(rows(source, delimiter, encoding))
    new.replace(plain)


def rows(lines: Iterable[bytes], delimiter: str, encoding: str) -> Iterator[bytes]:
    """Yield the rows of a table, each as one line with its end: a cell of several is put in one."""
    stream, again, held = _ended(lines), deque[bytes](), list[bytes]()
    while True:
        line = again.popleft() if again else next(stream, None)
        if line is not None and not held and b'"' not in line:
            yield line
            continue
        if line is not None:
            held.append(line)
        row = _row(held, line, delimiter, encoding)
        if row is None:  # a quotation mark that is never closed: the line is at fault alone
            row, again = held[0], deque([*held[1:], *again])
        if row:
            yield row
            held = []
        if line is None and not again:
            return


def _row(held: list[bytes], last: bytes | None, delimiter: str, encoding: str) -> bytes | None:
    """Put the lines of a row in one: nothing while its end is to come, None if that cannot be."""
    if not held:
        return b""
    if last is None or len(held) > _MOST_LINES or sum(map(len, held)) > MAX_LINE:
        return None
    if len(held) > 1 and b'"' not in last:
        return b""
    joined = b" ".join(line.rstrip(b"\r\n") for line in held)
    try:
        text = joined.decode(encoding, "backslashreplace").replace("\r", " ")
        next(csv.reader([text], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "unexpected end" in str(error):
            return b""
        return None if len(held) > 1 else held[0]
    return held[0] if len(held) == 1 else joined + b"\n"


def _ended(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Give every line its end: the last may have none."""
    for line in lines:
        yield line if line.endswith(b"\n") else line + b"\n"


def _rows(path: Path) -> Iterator[str]:
    """Yield the rows of a workbook as lines; what stood on line n stays there."""
    for _number, cells in workbooks.rows(path):
        yield _line([reading.clean(cell) for cell in cells])


def _line(cells: list[str]) -> str:
    quoted = ('"{}"'.format(c.replace('"', '""')) if '"' in c or "," in c else c for c in cells)
    return ",".join(quoted) + "\n"


def _ends_in_cr(path: Path) -> bool:
    """Tell whether lines end as they did on an old Mac."""
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    return b"\n" not in head and b"\r" in head


def _write(path: Path, lines: Iterable[str], encoding: str = "utf-8") -> None:
    with _beside(path).open("w", encoding=encoding, errors="replace", newline="") as plain:
        plain.writelines(lines)
    _beside(path).replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
