"""``flask portal import-calls``: importing an exchange's files from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from portal.calls.evidence import CallSource, ImportRun
from portal.calls.importing import import_files
from portal.calls.operations import create_source, find_source
from portal.calls.recounting import recount
from portal.calls.uploads import Upload, check_format
from portal.cli import commands
from portal.company.models import Company
from portal.errors import RefusedError
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped


@commands.command("import-calls")
@click.option("--company", "company_name", required=True, help="The company's name.")
@click.option("--source", "source_name", required=True, help="The exchange; made when new.")
@click.option("--timezone", help="The exchange's zone, if the source is new. Else the company's.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
def import_calls(
    company_name: str, source_name: str, timezone: str | None, paths: tuple[Path, ...]
) -> None:
    """Import queue_log and Master.csv files of an Asterisk; of a folder, all that are such.

    The same file again, in pieces or under another name changes nothing.
    """
    company = _company(company_name)
    with entered(Scope(company.id, sees_all=True, sees_people=True)):
        try:
            source = _source(company, source_name, timezone)
            run = import_files(source, _files(paths), waiting=_say_waiting)
        except RefusedError as error:
            raise click.ClickException(str(error)) from None
        for line in _report(run):
            click.echo(line)


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


def _files(paths: tuple[Path, ...]) -> list[Upload]:
    """Name the files; those in a folder that are of no known format are left out, and said."""
    uploads = []
    for path in paths:
        if not path.is_dir():
            uploads.append(Upload(path, path.name))
            continue
        for inside in sorted(p for p in path.rglob("*") if p.is_file()):
            upload = Upload(inside, inside.relative_to(path).as_posix())
            try:
                check_format(upload)
            except RefusedError as error:
                click.echo(str(error), err=True)
            else:
                uploads.append(upload)
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
