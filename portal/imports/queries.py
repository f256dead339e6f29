"""What is asked of imports; the wall shows a person their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Select, select

from portal.extensions import db
from portal.imports import files, reading
from portal.imports.models import Import, ImportMapping, ImportRefusal
from portal.imports.registry import TARGETS
from portal.imports.rows import checked, row_of
from portal.imports.target import Checked, Row, Verdict

PAGE = 30
PREVIEW = 20
_AT_ONCE = 500


@dataclass(frozen=True)
class Foreseen:
    """A row of the preview, and what will happen to it."""

    line: int
    row: Row
    verdict: Verdict


def mine(person_id: uuid.UUID) -> list[Import]:
    """Return somebody's latest imports."""
    query = select(Import).where(Import.person_id == person_id).order_by(Import.id.desc())
    return list(db.session.scalars(query.limit(PAGE)))


def mappings(one: Import) -> list[ImportMapping]:
    query = select(ImportMapping).where(
        ImportMapping.target == one.target, ImportMapping.person_id == one.person_id
    )
    return list(db.session.scalars(query.order_by(ImportMapping.name_key)))


def foreseen(one: Import) -> list[Foreseen]:
    """Say what will happen to the first rows. Raises RefusedError where nothing could."""
    target = TARGETS[one.target]
    into, fields = target.prepare(one.options), target.all_fields(one.options)
    path = files.path_of(one.company_id, one.id)
    records = list(islice(reading.rows(path, one.format), PREVIEW))
    found = [checked(record, target, fields, one.mapping, into) for record in records]
    judged = iter(target.judge([row for row in found if isinstance(row, Checked)], into))
    return [
        Foreseen(
            record.line,
            row_of(record, fields, one.mapping),
            next(judged) if isinstance(row, Checked) else Verdict("refused", row),
        )
        for record, row in zip(records, found, strict=True)
    ]


def refusals(one: Import, most: int = PAGE) -> list[ImportRefusal]:
    return list(db.session.scalars(_of(one.id).limit(most)))


def _of(import_id: uuid.UUID) -> Select[Any]:
    query = select(ImportRefusal).where(ImportRefusal.import_id == import_id)
    return query.order_by(ImportRefusal.line, ImportRefusal.id)


def every_refusal(import_id: uuid.UUID) -> Iterator[ImportRefusal]:
    """Yield all refused rows in the order of the file, some hundred at a time."""
    line, last = 0, None
    while True:
        query = _of(import_id)
        if last is not None:
            tie = (ImportRefusal.line == line) & (ImportRefusal.id > last)
            query = query.where((ImportRefusal.line > line) | tie)
        found = list(db.session.scalars(query.limit(_AT_ONCE)))
        yield from found
        if len(found) < _AT_ONCE:
            return
        line, last = found[-1].line, found[-1].id
