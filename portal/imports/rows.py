"""From the cells of a row to a checked row of the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from portal.imports.mapping import Mapping
from portal.imports.reading import UNREADABLE, Record
from portal.imports.target import Checked, Field, Row, RowError, Target


def row_of(record: Record, fields: Sequence[Field], mapping: Mapping) -> Row:
    """Return what the mapped columns hold."""
    row = dict.fromkeys((field.name for field in fields), "")
    for name, column in mapping.items():
        if name in row and column < len(record.cells):
            row[name] = record.cells[column]
    return row


def checked(
    record: Record, target: Target, fields: Sequence[Field], mapping: Mapping, into: Any
) -> Checked | str:
    """Return the row as its target takes it, or why it does not."""
    row = row_of(record, fields, mapping)
    if any(UNREADABLE in text for text in row.values()):
        return _("It has characters that cannot be read. Is the encoding right?")
    for field in fields:
        if field.required and not row[field.name]:
            return _("%(field)s is missing.", field=str(field.label))
    try:
        return target.check(row, into)
    except RowError as error:
        return str(error)
