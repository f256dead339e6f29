"""Taking the rows in: in batches, each in a transaction together with how far it is.

Whoever takes over after a kill goes on behind the last batch that was committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from flask import g
from flask_babel import gettext as _
from sqlalchemy import insert

from portal.database import new_id, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.imports import files, reading
from portal.imports.models import Import, ImportRefusal
from portal.imports.operations import gone
from portal.imports.reading import Record
from portal.imports.registry import TARGETS
from portal.imports.rows import checked
from portal.imports.target import Checked, Target, Verdict
from portal.planning import plan_anew

MOST_REFUSED = 100_000
_MOST_CELLS, _MOST_CELL = 50, 500  # kept of a refused row


class Progress(Protocol):
    def report(self, done: int, total: int) -> None: ...


def run(progress: Progress, import_id: uuid.UUID) -> dict[str, int]:
    """Take in the rows of an import that are still to come; return its counts."""
    one = db.session.get(Import, (g.identity.company.id, import_id))
    if one is None:
        raise RefusedError(_("This import is no longer here."))
    if one.state != "done":
        target = TARGETS[one.target]
        if not g.identity.permissions.issuperset(target.permissions):
            raise RefusedError(_("The person who started this may no longer do it."))
        try:
            _take_in(one, target, progress)
        except FileNotFoundError:
            raise gone() from None
        files.remove(one.company_id, one.id)
    return counts(one)


def counts(one: Import) -> dict[str, int]:
    return {
        "rows_new": one.rows_new,
        "rows_changed": one.rows_changed,
        "rows_same": one.rows_same,
        "rows_refused": one.rows_refused,
    }


def _take_in(one: Import, target: Target, progress: Progress) -> None:
    into, mapping, total = target.prepare(one.options), dict(one.mapping), one.rows_total
    fields = target.all_fields(one.options)
    path, format, done = files.path_of(one.company_id, one.id), one.format, one.rows_done
    progress.report(done, total)  # and nothing is held while rows are read
    rows = islice(reading.rows(path, format), done, None)
    for batch in _batches(rows, target.at_once):
        found = [checked(record, target, fields, mapping, into) for record in batch]
        _write(one, target, into, batch, found)
        progress.report(one.rows_done, max(total, one.rows_done))
    one.state, one.finished_at = "done", utcnow()
    target.finish(one.options, {"rows": one.rows_done, **counts(one)}, into)
    progress.report(one.rows_done, one.rows_done)


def _write(
    one: Import, target: Target, into: Any, batch: list[Record], found: list[Checked | str]
) -> None:
    """Write a batch, its refusals, and that it was written."""
    target.hold(into)
    plan_anew()
    sound = [row for row in found if isinstance(row, Checked)]
    decided = iter(target.write(sound, target.judge(sound, into), into) if sound else ())
    verdicts = [
        next(decided) if isinstance(row, Checked) else Verdict("refused", row) for row in found
    ]
    for verdict in verdicts:
        name = f"rows_{verdict.fate}"
        setattr(one, name, getattr(one, name) + 1)
    one.rows_done += len(batch)
    refused = [
        _refusal(one, record, verdict.reason)
        for record, verdict in zip(batch, verdicts, strict=True)
        if verdict.fate == "refused"
    ]
    if refused:
        db.session.execute(insert(ImportRefusal), refused)
    if one.rows_refused > MOST_REFUSED:
        raise RefusedError(_("More than 100,000 rows are refused. Are the columns right?"))


def _refusal(one: Import, record: Record, reason: str) -> dict[str, Any]:
    return {
        "company_id": one.company_id,
        "id": new_id(),
        "person_id": one.person_id,
        "import_id": one.id,
        "line": record.line,
        "reason": reason[:300],
        "raw": [cell[:_MOST_CELL] for cell in record.cells[:_MOST_CELLS]],
    }


def _batches(rows: Iterable[Record], size: int) -> Iterator[list[Record]]:
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch
