"""``flask portal import-calls``: importing an exchange's files from the command line."""

from __future__ import annotations

import shutil
import signal
import threading
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask import current_app
from sqlalchemy import select

from portal.calls.evidence import CallSource, ImportRun
from portal.calls.following.loop import follow
from portal.calls.following.sources import Follower
from portal.calls.importing import import_files, is_known
from portal.calls.intake.operations import asked_about
from portal.calls.layouts import queries as layouts
from portal.calls.layouts.models import CallLayout
from portal.calls.layouts.operations import read_as
from portal.calls.operations import create_source, find_source
from portal.calls.reading import Upload
from portal.calls.recounting import recount
from portal.cli import commands
from portal.company.models import Company
from portal.connections import only_reading
from portal.errors import RefusedError
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped


@commands.command("import-calls")
@click.option("--company", "company_name", required=True, help="The company's name.")
@click.option("--source", "source_name", required=True, help="The exchange; made when new.")
@click.option("--timezone", help="The exchange's zone, if the source is new. Else the company's.")
@click.option("--layout", help="The layout of the source by which tables are read.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
def import_calls(
    company_name: str,
    source_name: str,
    timezone: str | None,
    layout: str | None,
    paths: tuple[Path, ...],
) -> None:
    """Import files that tell their format, as queue_log and Master.csv of an Asterisk do, and
    tables by a layout; of a folder, all that are such.

    The same file again, in pieces or under another name changes nothing.
    """
    company = _company(company_name)
    with entered(Scope(company.id, sees_all=True, sees_people=True)), TemporaryDirectory() as own:
        try:
            key = company.id, _source(company, source_name, timezone).id
            db.session.commit()
            with only_reading():  # what is copied and written anew may be long
                source = db.session.get_one(CallSource, key)
                tables = _Tables(source, _layout(source, layout), Path(own))
                uploads = _files(paths, tables)
            source = db.session.get_one(CallSource, key)
            run = import_files(source, uploads, waiting=_say_waiting)
        except RefusedError as error:
            raise click.ClickException(str(error)) from None
        for line in _report(run):
            click.echo(line)


@commands.command("follow")
@click.option("--company", "company_name", required=True, help="The company's name.")
@click.option("--once", is_flag=True, help="Take in what is new, and end.")
@click.argument("source_name", metavar="SOURCE")
def follow_source(company_name: str, once: bool, source_name: str) -> None:
    """Take in the calls of one source while they happen. Workers do so for all sources.

    With --once it is an error if anything of the source cannot be read.
    """
    company = _company(company_name)
    with entered(Scope(company.id, sees_all=True, sees_people=True)):
        source = find_source(company.id, source_name)
    if source is None:
        raise click.ClickException(f"There is no source named {source_name!r}.")
    stopping = threading.Event()
    wanted = (company.id, source.id)
    db.session.rollback()  # on SQLite it holds the lock for writing
    if once:
        follower = Follower(*wanted)
        follower.look()
        if follower.error:
            raise click.ClickException(follower.error)
        return
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: stopping.set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy
    follow(app, stopping, lambda: [wanted])


@commands.command("rebuild-figures")
@click.option("--company", "company_name", help="The company's name; all companies without it.")
def rebuild_figures(company_name: str | None) -> None:
    """Fill the tables that reports are read from anew, from the calls themselves.

    Each company is one transaction; imports of its calls wait meanwhile.
    """
    with unscoped("the command line looks after every company"):
        if company_name:
            companies = [_company(company_name)]
        else:
            companies = list(db.session.scalars(select(Company).order_by(Company.id)))
        named = [(company.id, company.name) for company in companies]
    for company_id, name in named:
        visits = recount(company_id, anyway=True)
        db.session.commit()
        click.echo(f"{name}: {visits} entries of the call log counted")


def _company(name: str) -> Company:
    with unscoped("the command line names the company"):
        found = db.session.scalars(select(Company).where(Company.name == name)).all()
    if len(found) != 1:
        problem = "There is no company" if not found else "There are several companies"
        raise click.ClickException(f"{problem} named {name!r}.")
    return found[0]


def _source(company: Company, name: str, timezone: str | None) -> CallSource:
    source = find_source(company.id, name)
    if source is None:
        source = create_source(company.id, name, timezone or company.timezone)
        db.session.commit()
    elif timezone and timezone != source.timezone:
        raise click.ClickException(f"The source {source.name!r} is in {source.timezone}.")
    return source


def _layout(source: CallSource, name: str | None) -> CallLayout | None:
    found = layouts.named(source, name) if name is not None else None
    if name is not None and found is None:
        raise RefusedError(f"{source.name!r} has no layout named {name!r}. {_known(source)}")
    return found


def _known(source: CallSource) -> str:
    names = [repr(one.name) for one in layouts.layouts(source)]
    if not names:
        return "It has none: upload such a file in the portal once, and say there how it is read."
    return f"It has: {', '.join(names)}."


@dataclass(frozen=True)
class _Tables:
    """Makes ready what tells no format: tables, if it is said by which layout they are read."""

    source: CallSource
    layout: CallLayout | None
    folder: Path  # of copies, which become the lines that are kept

    def ready(self, upload: Upload) -> Upload:
        if is_known(upload):
            return upload
        copy = Path(shutil.copy(upload.path, self.folder / uuid.uuid4().hex))
        try:
            return self._read(asked_about(replace(upload, path=copy)))
        except RefusedError:
            copy.unlink()
            raise

    def _read(self, table: Upload) -> Upload:
        if not table.kind:
            return table
        if self.layout is None:
            says = f"{table.name} is a table: name a layout of {self.source.name!r} by --layout."
            raise RefusedError(f"{says} {_known(self.source)}")
        return read_as(table, self.layout)


def _files(paths: tuple[Path, ...], tables: _Tables) -> list[Upload]:
    """Name the files; those in a folder that cannot be read are left out, and said."""
    uploads = []
    for path in paths:
        if not path.is_dir():
            uploads.append(tables.ready(Upload(path, path.name)))
            continue
        for inside in sorted(p for p in path.rglob("*") if p.is_file()):
            try:
                uploads.append(tables.ready(Upload(inside, inside.relative_to(path).as_posix())))
            except RefusedError as error:
                click.echo(str(error), err=True)
    return uploads


def _say_waiting() -> None:
    click.echo("Another import of this source is at work; waiting for its end …", err=True)


def _report(run: ImportRun) -> list[str]:
    lines = [
        f"{run.files} files, {run.lines_read} lines read: {run.lines_ok} new, "
        f"{run.lines_unknown} of unknown events, {run.lines_duplicate} duplicate, "
        f"{run.lines_malformed} malformed, {run.lines_blank} blank",
        f"{run.calls_new} calls new, {run.calls_changed} changed",
    ]
    if run.lines_known:
        lines.append(f"{run.lines_known} lines had been read before")
    if run.lines_pending:
        lines.append(f"{run.lines_pending} lines have no end yet and wait for it")
    return lines
