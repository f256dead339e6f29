"""Sources, uploads, and giving names their meaning."""

from __future__ import annotations

import gzip
import unicodedata
import uuid
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.audit import trail
from portal.calls import files, importing
from portal.calls.evidence import CallSource, Identity, ImportRun
from portal.calls.intake import queries, spool
from portal.calls.intake.names import choice_of
from portal.calls.layouts import arrival, samples
from portal.calls.layouts.settings import PREFIX
from portal.calls.operations import MEANT, Meaning, give_meaning, stamp_again
from portal.calls.reading import Upload, most_unpacked
from portal.database import name_key, new_id
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from portal.members.models import User

MOST_FILES = 200
# What a packed upload may unpack to: it is unpacked once to see that nothing of it is missing.
MOST_UNPACKED = 2 * 1024**3
_GZIP = b"\x1f\x8b"
_BLOCK = 1024 * 1024


def edit_source(source: CallSource, name: str, timezone: str, *, version: int, actor: User) -> None:
    """Rename a source or correct its zone; what is there is read again in the new one."""
    if source.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=source)
    if queries.is_taken(name, source.id):
        raise RefusedError(_("There is a source of this name already."), field="name")
    if timezone != source.timezone:
        enqueue("rezone_calls", {"source_id": str(source.id)}, title=name, actor=actor)
    source.name, source.name_key, source.timezone = name, name_key(name), timezone
    source.version += 1
    db.session.flush()


def connect(source: CallSource, values: dict[str, Any], *, version: int, actor: User) -> None:
    """Say what of a source is followed, and for how long its raw lines are kept."""
    if source.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=source)
    for name, value in values.items():
        setattr(source, name, value)
    source.version += 1
    db.session.flush()


# --- uploads


def receive(source: CallSource, files: Sequence[tuple[str, BinaryIO]], *, actor: User) -> ImportRun:
    """Keep the files, check that each can be imported, and let a worker read them."""
    if not files:
        raise RefusedError(_("Choose at least one file."), field="files")
    if len(files) > MOST_FILES:
        raise RefusedError(_("At most %(num)s files at once.", num=MOST_FILES), field="files")
    run = ImportRun(company_id=source.company_id, id=new_id(), source_id=source.id, by_id=actor.id)
    company_id, run_id = run.company_id, run.id
    try:
        uploads = spool.keep(company_id, run_id, [(_shown(name), file) for name, file in files])
        for upload in uploads:
            _check(upload)
        uploads = [asked_about(upload) for upload in uploads]
        spool.note(company_id, run_id, uploads)
    except BaseException:
        spool.remove(company_id, run_id)
        raise
    run.files = len(uploads)
    run.bytes_total = sum(upload.path.stat().st_size for upload in uploads)
    spool.forget_unless_committed(company_id, run_id)
    db.session.add(run)
    if any(upload.kind for upload in uploads):
        run.state = "layout"
        db.session.flush()
        return run
    db.session.flush()
    _read(run, actor)
    return run


def go_on(run: ImportRun, *, actor: User) -> None:
    """Read on where an interrupted or failed run ended."""
    if queries.state_of(run) not in ("stopped", "failed"):
        return  # pressed twice: it is at work already, or done
    if not spool.uploads(run.company_id, run.id):
        raise RefusedError(
            _("The files of this import are gone. Upload them again: what was read is kept.")
        )
    run.state, run.finished_at, run.error = "running", None, ""
    db.session.flush()
    _read(run, actor)


def _read(run: ImportRun, actor: User) -> None:
    source = db.session.get_one(CallSource, (run.company_id, run.source_id))
    enqueue("import_calls", {"run_id": str(run.id)}, title=source.name, actor=actor, about=run.id)


def _shown(name: str) -> str:
    """Return the last part of a file's name without what cannot be shown safely."""
    name = name.replace("\\", "/").rpartition("/")[2]
    safe = (c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in name)
    return "".join(safe)[:255] or "?"


def asked_about(upload: Upload) -> Upload:
    """Mark a table that no format recognises: somebody has to say how it is read."""
    if importing.is_known(upload):
        return upload
    try:
        arrival.make_plain(upload.path, get_locale().language)
    except RefusedError as error:
        raise RefusedError(f"{upload.name}: {error.message}", field="files") from error
    if importing.is_known(upload):
        return upload
    if not samples.is_table(upload.path):
        raise RefusedError(files.unrecognised(upload.name), field="files")
    return replace(upload, kind=PREFIX)


def _check(upload: Upload) -> None:
    """Refuse a file that is empty, damaged or too large."""
    with upload.path.open("rb") as file:
        head = file.read(importing.HEAD_BYTES)
    if not head.strip():
        raise RefusedError(_("%(name)s is empty.", name=upload.name), field="files")
    if head.startswith(_GZIP):
        _check_packed(upload)


def _check_packed(upload: Upload) -> None:
    """Unpack all of a file once: a part of it would be imported as if it were the whole."""
    size, most = 0, min(MOST_UNPACKED, most_unpacked(upload.path.stat().st_size))
    try:
        with gzip.open(upload.path) as file:
            while size <= most and (block := file.read(_BLOCK)):
                size += len(block)
    except (EOFError, OSError, zlib.error):
        raise RefusedError(
            _("%(name)s is damaged or cut off.", name=upload.name), field="files"
        ) from None
    if size > most:
        raise RefusedError(_("%(name)s is too large.", name=upload.name), field="files")
    if size == 0:
        raise RefusedError(_("%(name)s is empty.", name=upload.name), field="files")


# --- names


@dataclass(frozen=True)
class Wish:
    """What a name shall mean: ``target`` or nothing, ``version``: of the name as it was shown."""

    identity: Identity
    version: int
    target: Meaning | None = None
    ignored: bool = False


@dataclass(frozen=True)
class Move:
    """What a change of meaning would do: how many entries of the call log it changes."""

    identity_id: uuid.UUID
    raw: str
    entries: int


def give_meanings(source: CallSource, wishes: Iterable[Wish], *, actor: User) -> Job | None:
    """Give names their meanings, all or nothing; return the job that assigns their past calls."""
    given = _give(wishes, actor)
    if not given:
        return None
    arguments = {"source_id": str(source.id), "identity_ids": [str(one.id) for one in given]}
    return enqueue("assign_calls", arguments, title=source.name, actor=actor, about=source.id)


def try_out(wishes: Iterable[Wish], *, actor: User) -> list[Move]:
    """Return how many entries of the call log each wish would change, and change nothing."""
    try:
        wishes = list(wishes)
        again = {identity.id for identity in _give(wishes, actor)}
        return [
            Move(
                wish.identity.id,
                wish.identity.raw,
                stamp_again(wish.identity) if wish.identity.id in again else 0,
            )
            for wish in wishes
        ]
    finally:
        db.session.rollback()


def _give(wishes: Iterable[Wish], actor: User) -> list[Identity]:
    """Give names their meanings; return those whose calls are to be assigned again."""
    wishes = list(wishes)
    stale = [wish.identity for wish in wishes if wish.identity.version != wish.version]
    if stale:
        raise ConflictError(
            _("Somebody else has changed this meanwhile."), theirs=[one.id for one in stale]
        )
    return [wish.identity for wish in wishes if _change(wish, actor)]


def _change(wish: Wish, actor: User) -> bool:
    """Do as wished; tell whether calls have to be assigned again."""
    identity, before = wish.identity, choice_of(wish.identity)
    identity.ignored = wish.ignored
    if wish.target is None and before in ("", "ignore") and not identity.ruled:
        identity.version += 1
        trail.note(identity, "ignored" if wish.ignored else "changed")
        db.session.flush()
        return False
    target = {MEANT[type(wish.target)]: wish.target} if wish.target else {}
    give_meaning(identity, **target, actor=actor)
    return True
