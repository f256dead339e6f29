"""What targets do alike: comparing rows with what is there, and writing many at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert

from portal.extensions import db
from portal.imports.target import Checked, Verdict


def with_repeats(rows: Sequence[Checked]) -> Iterator[tuple[Checked, bool]]:
    """Yield each row, and whether its key stood in one before."""
    seen: set[str] = set()
    for row in rows:
        yield row, row.key in seen
        seen.add(row.key)


def compared(
    row: Checked, there: Any, again: bool, import_id: uuid.UUID, *, repeated: str
) -> Verdict:
    """Hold a row against the entry of its number; ``repeated``: the fate of the second in a file.

    An entry that this import has named stood in an earlier batch of the file.
    """
    if again or (there is not None and there.named_by == import_id):
        return Verdict(repeated, _("This number stands in the file before."))
    if there is None:
        return Verdict("new")
    same = all(getattr(there, name) == value for name, value in row.values.items())
    return Verdict("same" if same else "changed", existing=there)


def overwrite(rows: Sequence[Checked], verdicts: Sequence[Verdict], import_id: uuid.UUID) -> None:
    """Put what the rows say into the entries that are there."""
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.existing is not None:
            verdict.existing.named_by = import_id
            for name, value in row.values.items():
                setattr(verdict.existing, name, value)


def insert_all(model: Any, rows: list[dict[str, Any]], **options: Any) -> None:
    if rows:
        # RETURNING: SQLAlchemy then sends many rows as one statement.
        statement = insert(model).returning(model.company_id)
        db.session.execute(statement, rows, execution_options=options).all()
