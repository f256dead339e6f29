"""Keeping layouts, and letting the files of an upload be read by them."""

from __future__ import annotations

from dataclasses import asdict, replace

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.importing import Upload
from portal.calls.intake import spool
from portal.calls.layouts import arrival, queries
from portal.calls.layouts.models import CallLayout
from portal.calls.layouts.settings import PREFIX, Settings
from portal.database import name_key, new_id, utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.imports import reading
from portal.jobs.operations import enqueue
from portal.members.models import User

ASKING = "layout"  # the state of a run whose files nobody has said how to read


def asked(run: ImportRun) -> Upload | None:
    """Return the first file of a run that nobody has said how to read; None if they are gone."""
    uploads = spool.uploads(run.company_id, run.id)
    open_ones = [one for one in uploads if one.kind == PREFIX]
    return open_ones[0] if open_ones else uploads[-1] if uploads else None


def save(
    source: CallSource,
    name: str,
    settings: Settings,
    *,
    changing: CallLayout | None,
    version: int,
    actor: User,
) -> CallLayout:
    """Keep a new layout, or a new version of one: what was read by the old one stays as it is."""
    if changing is not None and changing.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=changing)
    taken = queries.named(source, name)
    if taken is not None and taken is not changing:
        raise RefusedError(_("There is a layout of this name already."), field="name")
    kept = asdict(settings)
    if changing is None:
        changing = CallLayout(
            company_id=source.company_id, id=new_id(), source_id=source.id, versions=[kept]
        )
        db.session.add(changing)
    elif changing.current != settings:
        changing.versions = [*changing.versions, kept]
        changing.version += 1
        trail.record("changed", kind="call_layout", object_id=changing.id, object_name=name)
    changing.name, changing.name_key, changing.changed_at = name, name_key(name), utcnow()
    db.session.flush()
    return changing


def read_by(run: ImportRun, layout: CallLayout, *, actor: User) -> bool:
    """Read the file that is asked about, and others that begin alike, as a layout says.

    Tells whether all files can be read now: then the import begins.
    """
    own = (ImportRun.company_id == run.company_id, ImportRun.id == run.id)
    state = db.session.scalar(select(ImportRun.state).where(*own).with_for_update())
    if state != ASKING:
        return True  # pressed twice
    uploads, upload = spool.uploads(run.company_id, run.id), asked(run)
    if upload is None:
        raise RefusedError(
            _("The files of this import are gone. Upload them again: what was read is kept.")
        )
    alike = [one for one in uploads if one is upload or (one.kind == PREFIX and _fits(one, layout))]
    settings = layout.current
    for one in alike:
        arrival.write_rows(one.path, one.path, settings.delimiter, settings.encoding)
    names = {one.path for one in alike}
    said = [replace(one, kind=layout.kind) if one.path in names else one for one in uploads]
    spool.note(run.company_id, run.id, said)
    if any(one.kind == PREFIX for one in said):
        return False
    run.state = "running"
    run.bytes_total = sum(one.path.stat().st_size for one in said)
    db.session.flush()
    title = queries.source_of(run).name
    enqueue("import_calls", {"run_id": str(run.id)}, title=title, actor=actor, about=run.id)
    return True


def first_row(upload: Upload, settings: Settings) -> list[str]:
    """Return the first row of a file, read as it would be by a layout."""
    format = reading.Format(settings.encoding, settings.delimiter)
    records = reading.sample(upload.path, format, most=1)
    return records[0].cells if records else []


def _fits(upload: Upload, layout: CallLayout) -> bool:
    return queries.fits(layout, first_row(upload, layout.current))


def fitting(source: CallSource, upload: Upload) -> list[CallLayout]:
    """Return the layouts of a source by which a file can be read."""
    return [one for one in queries.layouts(source) if _fits(upload, one)]
