"""Keeping layouts, and letting the files of an upload be read by them."""

from __future__ import annotations

from dataclasses import asdict, replace

from flask_babel import gettext as _
from flask_babel import ngettext
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
from portal.filters import show_number
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
    before: str = "",
) -> CallLayout:
    """Keep a new layout, or a new version of one: what was read by the old one stays as it is.

    ``before``: the name that it had when it was shown, which is no wish to give it that again.
    """
    if changing is not None and changing.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=changing)
    if changing is not None and name == before:
        name = changing.name
    _refuse_taken(source, name, changing)
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


def rename(layout: CallLayout, name: str, *, before: str, actor: User) -> None:
    """Give a layout another name; ``before``: the one that it had when that was decided."""
    if layout.name != before:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=layout)
    _refuse_taken(queries.source_of(layout), name, layout)
    layout.name, layout.name_key, layout.changed_at = name, name_key(name), utcnow()
    db.session.flush()


def delete(layout: CallLayout, *, actor: User) -> None:
    """Delete a layout by which nothing was read, nor is to be."""
    source = queries.source_of(layout)
    if files := queries.files_read(source)[layout.id]:
        raise RefusedError(why_kept(files))
    for run in queries.unfinished_runs(source):
        for upload in spool.uploads(run.company_id, run.id):
            if upload.kind not in ("", PREFIX) and queries.layout_in(upload.kind) == layout.id:
                raise RefusedError(_("An import by this layout has not ended yet."))
    db.session.delete(layout)
    db.session.flush()


def why_kept(files: int) -> str:
    """Say why a layout by which ``files`` were read cannot go."""
    return str(
        ngettext(
            "%(count)s file was read by this layout: it stays, so that the file can be read again.",
            "%(count)s files were read by this layout: it stays, so that they can be read again.",
            files,
            count=show_number(files),
        )
    )


def _refuse_taken(source: CallSource, name: str, besides: CallLayout | None) -> None:
    taken = queries.named(source, name)
    if taken is not None and taken is not besides:
        raise RefusedError(_("There is a layout of this name already."), field="name")


def read_by(run: ImportRun, layout: CallLayout, *, actor: User) -> bool:
    """Read the file that is asked about, and others that begin alike, as a layout says.

    Tells whether all files can be read now: then the import begins.
    """
    own = (ImportRun.company_id == run.company_id, ImportRun.id == run.id)
    state = db.session.scalar(select(ImportRun.state).where(*own).with_for_update())
    if state != ASKING:
        return True  # pressed twice
    still = select(CallLayout.id).where(CallLayout.id == layout.id)
    if db.session.scalar(still.with_for_update(key_share=True)) is None:
        raise RefusedError(_("This is no longer here. Choose again."))
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


def read_as(upload: Upload, layout: CallLayout) -> Upload:
    """Write a plain table anew as the evidence of a layout; refuse one that it does not fit."""
    if not _fits(upload, layout):
        raise RefusedError(_("%(name)s has other columns than the layout.", name=upload.name))
    settings = layout.current
    arrival.write_rows(upload.path, upload.path, settings.delimiter, settings.encoding)
    return replace(upload, kind=layout.kind)


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
