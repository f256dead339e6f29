"""The steps of an import: receive a file, correct how it is read, map its columns, start."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.database import name_key, new_id, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.imports import encodings, files, mapping, reading, workbooks
from portal.imports.models import Import, ImportMapping
from portal.imports.reading import Format, Record
from portal.imports.registry import TARGETS
from portal.imports.target import Target
from portal.jobs.operations import enqueue
from portal.jobs.queries import job_about
from portal.members.models import User

_DRAFTS_KEPT = dt.timedelta(days=7)


def receive(
    target: Target, options: dict[str, Any], name: str, stream: IO[bytes], *, actor: User
) -> Import:
    """Keep a file and find out how it is read; refuse one that is no table."""
    _forget_old(actor)
    one = Import(company_id=actor.company_id, id=new_id(), person_id=actor.id, target=target.name)
    one.file_name = reading.clean(name)[-200:] or "–"
    one.options = {**options, "import": str(one.id), "file": one.file_name}
    one.file_size = files.keep(one.company_id, one.id, stream)
    try:
        if not one.file_size:
            raise RefusedError(_("This file is empty."), field="file")
        _look_into(one, target)
    except RefusedError:
        files.remove(one.company_id, one.id)
        raise
    db.session.add(one)
    db.session.flush()
    return one


def _look_into(one: Import, target: Target) -> None:
    path = files.path_of(one.company_id, one.id)
    if workbooks.is_workbook(path):
        records = reading.sample(path, Format())
        one.format = Format(header=reading.has_header(records))
    else:
        reading.count(path, Format("utf-8-sig"))  # refuses endless lines before all else
        encoding = encodings.found(path, get_locale().language)
        one.format = reading.found_format(path, encoding)
    records = sample(one)
    if not records:
        raise RefusedError(_("There are no rows in this file."), field="file")
    one.rows_total = reading.count(path, one.format)
    one.mapping = mapping.guessed(target.offered_fields(one.options), records, header=one.header)


def sample(one: Import) -> list[Record]:
    """Return the first rows, the header among them."""
    try:
        return reading.sample(files.path_of(one.company_id, one.id), one.format)
    except FileNotFoundError:
        raise gone() from None


def gone() -> RefusedError:
    return RefusedError(_("The file is no longer here. Upload it again."))


def read_as(one: Import, format: Format, *, actor: User) -> None:
    """Correct how a file is read, and guess its columns anew."""
    _refuse_unless_draft(one)
    if one.format.is_workbook:
        format = Format(header=format.header)
    one.format = format
    fields = TARGETS[one.target].offered_fields(one.options)
    one.mapping = mapping.guessed(fields, sample(one), header=format.header)
    db.session.flush()


def map_columns(one: Import, columns: dict[str, int], *, actor: User) -> None:
    """Say which column is which field."""
    _refuse_unless_draft(one)
    for field in TARGETS[one.target].offered_fields(one.options):
        if field.required and field.name not in columns:
            raise RefusedError(_("This is needed."), field=field.name)
    if len(set(columns.values())) < len(columns):
        twice = [name for name, column in columns.items() if _count(columns, column) > 1]
        raise RefusedError(_("This column is chosen twice."), field=twice[-1])
    one.mapping = columns
    db.session.flush()


def _count(columns: dict[str, int], column: int) -> int:
    return list(columns.values()).count(column)


def keep_mapping(one: Import, name: str, *, actor: User) -> None:
    """Keep the mapping of an import under a name; one of the same name is replaced."""
    key = name_key(name)
    query = select(ImportMapping).where(
        ImportMapping.person_id == actor.id,
        ImportMapping.target == one.target,
        ImportMapping.name_key == key,
    )
    kept = db.session.scalars(query).first()
    if kept is None:
        kept = ImportMapping(
            company_id=one.company_id, person_id=actor.id, target=one.target, name_key=key
        )
        db.session.add(kept)
    records = sample(one)
    kept.name, kept.columns = name, mapping.kept(one.mapping, headings(one, records))
    db.session.flush()


def apply_mapping(one: Import, kept: ImportMapping, *, actor: User) -> None:
    """Map the columns as they were mapped before."""
    _refuse_unless_draft(one)
    records = sample(one)
    names = {field.name for field in TARGETS[one.target].offered_fields(one.options)}
    found = mapping.applied(kept.columns, headings(one, records), reading.width(records))
    one.mapping = {name: column for name, column in found.items() if name in names}
    db.session.flush()


def headings(one: Import, records: list[Record]) -> list[str]:
    return records[0].cells if one.header and records else []


def start(one: Import, *, actor: User) -> None:
    """Let a worker take the rows in; one that was stopped goes on where it was."""
    target = TARGETS[one.target]
    if one.state == "done" or _is_at_work(one):
        return  # somebody pressed the button twice
    if not files.path_of(one.company_id, one.id).exists():
        raise gone()
    offered = target.offered_fields(one.options)
    missing = [field for field in offered if field.required and field.name not in one.mapping]
    if missing:
        raise RefusedError(_("Say first which column is %(name)s.", name=missing[0].label))
    target.prepare(one.options)
    one.state = "started"
    arguments = {"import_id": str(one.id)}
    enqueue("import_rows", arguments, title=one.file_name, actor=actor, about=one.id)


def _is_at_work(one: Import) -> bool:
    job = job_about(one.id)
    return job is not None and job.is_open


def _refuse_unless_draft(one: Import) -> None:
    if one.state != "draft":
        raise RefusedError(_("This import has been started already."))


def _forget_old(actor: User) -> None:
    """Forget one's own imports that were never started, and files that nobody needs."""
    files.remove_old()
    old = utcnow() - _DRAFTS_KEPT
    drafts = (Import.person_id == actor.id, Import.state == "draft", Import.created_at < old)
    db.session.execute(delete(Import).where(*drafts))
