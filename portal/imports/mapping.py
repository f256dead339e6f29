"""Which column is which field: guessed from headings and contents, kept for the next file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from portal.database import search_key
from portal.imports.reading import Record
from portal.imports.target import Field

Mapping = dict[str, int]
_SIGNS = re.compile(r"[^0-9a-z]+")


def guessed(fields: Sequence[Field], records: Sequence[Record], *, header: bool) -> Mapping:
    """Return the fields whose columns are told by their headings, or by what is in them."""
    found = _by_headings(fields, records[0].cells) if header and records else {}
    if not found:
        found = _by_contents(fields, records[1:] if header else records)
    return found


def heading_key(text: str) -> str:
    return _SIGNS.sub(" ", search_key(text)).strip()


def _by_headings(fields: Sequence[Field], headings: Sequence[str]) -> Mapping:
    """Take headings that are a guess first, then those that contain one as words."""
    keys = [heading_key(heading) for heading in headings]
    found: Mapping = {}
    for contains in (False, True):
        for field in fields:
            guesses = {heading_key(one) for one in (*field.guesses, field.name, str(field.label))}
            for column, key in enumerate(keys):
                if field.name in found or column in found.values():
                    continue
                words = f" {key} "
                if key in guesses or (contains and any(f" {one} " in words for one in guesses)):
                    found[field.name] = column
    return found


def _by_contents(fields: Sequence[Field], records: Sequence[Record]) -> Mapping:
    """Tell addresses and numbers by their looks; a first column of words may be a name."""
    names = [field.name for field in fields]
    found: Mapping = {}
    width = max((len(record.cells) for record in records), default=0)
    for column in range(width):
        cells = [r.cells[column] for r in records if len(r.cells) > column and r.cells[column]]
        kind = _kind_of(cells)
        if kind == "number" and kind not in names:
            kind = "phone"
        if kind in names and kind not in found:
            found[kind] = column
    return found


def _kind_of(cells: Sequence[str]) -> str:
    most = len(cells) * 0.8
    if cells and sum("@" in cell for cell in cells) >= most:
        return "email"
    if cells and sum(len(re.sub(r"\D", "", cell)) >= 7 for cell in cells) >= most:
        return "number"
    return "name" if cells else ""


def kept(mapping: Mapping, headings: Sequence[str]) -> dict[str, Any]:
    """Return a mapping as it is kept: with the headings of its columns."""
    return {
        name: {"heading": headings[column] if column < len(headings) else "", "column": column}
        for name, column in mapping.items()
    }


def applied(columns: dict[str, Any], headings: Sequence[str], width: int) -> Mapping:
    """Return a kept mapping for another file: by its headings, by number where it has none."""
    keys = [heading_key(heading) for heading in headings]
    found: Mapping = {}
    for name, kept_column in columns.items():
        key = heading_key(kept_column["heading"])
        column = keys.index(key) if key and key in keys else kept_column["column"]
        if (not key or not headings or key in keys) and column < width:
            found[name] = column
    return found
