"""Imports of tables: what was uploaded, how it is read and mapped, and which rows were refused.

Each is its person's own: a table holds what they brought along, wherever its rows go.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, synonym

from portal.database import PersonOwned, utcnow
from portal.extensions import db
from portal.imports.reading import Format


class Import(PersonOwned, db.Model):
    """One file on its way in: 'draft' until it is started, then 'started', at last 'done'."""

    __tablename__ = "imports"
    __audit__ = False  # one entry tells the whole of it when it is done
    __table_args__ = (Index(None, "company_id", "person_id", "id"),)
    one_at_a_time: ClassVar[bool] = True  # two presses at the same moment start it once

    target: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    file_name: Mapped[str] = mapped_column(String(200))
    name = synonym("file_name")
    file_size: Mapped[int]
    encoding: Mapped[str] = mapped_column(String(20), default="")  # none: a workbook
    delimiter: Mapped[str] = mapped_column(String(1), default="")
    header: Mapped[bool] = mapped_column(default=True)
    # Field → number of its column, from 0.
    mapping: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # What the target asked for on the form, in texts; read again with the rights of the moment.
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows_total: Mapped[int] = mapped_column(default=0)  # about: lines within cells count too
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_same: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[dt.datetime | None]

    @property
    def format(self) -> Format:
        return Format(self.encoding, self.delimiter, self.header)

    @format.setter
    def format(self, format: Format) -> None:
        self.encoding, self.delimiter = format.encoding, format.delimiter
        self.header = format.header


class ImportRefusal(PersonOwned, db.Model):
    """A row that was not taken in: its line of the file, why, and what stood there."""

    __tablename__ = "import_refusals"
    __audit__ = False
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "import_id"], ["imports.company_id", "imports.id"], ondelete="CASCADE"
        ),
        Index(None, "company_id", "import_id", "line", "id"),
    )

    import_id: Mapped[uuid.UUID]
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    raw: Mapped[list[str]] = mapped_column(JSON)


class ImportMapping(PersonOwned, db.Model):
    """A mapping that somebody keeps for the next file: fields and the headings of their columns."""

    __tablename__ = "import_mappings"
    __audit__ = False
    __table_args__ = (UniqueConstraint("company_id", "person_id", "target", "name_key"),)

    target: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    # Field → heading of its column, and its number for files without headings.
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
