"""``flask portal demo``: the demo, loaded once and served on this machine."""

from __future__ import annotations

import click
import flask_migrate
from flask import current_app
from flask.cli import ScriptInfo
from flask_babel import force_locale

from portal.cli import commands
from portal.database import utcnow
from portal.demo import cast, loading
from portal.extensions import db
from portal.jobs.beside import worker_beside


@commands.command("demo")
@click.option("--serve", is_flag=True, help="Serve the portal after loading.")
@click.option("--days", default=90, help="How many days of calls to make.")
@click.option("--port", default=8000)
@click.pass_context
def demo(context: click.Context, serve: bool, days: int, port: int) -> None:
    """Load the demo companies into an empty database, and say how to sign in."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Set DEMO=1: the demo is not for a database with real people.")
    flask_migrate.upgrade()
    if not loading.loaded():
        click.echo("Loading the demo: people, projects, objects and three months of calls …")
        loading.load(utcnow(), days=days)
    with force_locale("en"):
        click.echo(f"\nThe password of all sign-ins is {cast.PASSWORD}\n")
        for label, email, _ in cast.SIGN_INS:
            click.echo(f"  {email:<32} {label}")
    if serve:
        import waitress  # type: ignore[import-untyped]  # ships no types

        click.echo(f"\nOpen http://127.0.0.1:{port} (Ctrl+C ends it)")
        db.session.remove()  # SQLite: a command holds the lock for writing until it ends
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
        with worker_beside(context.ensure_object(ScriptInfo).app_import_path or "wsgi"):
            waitress.serve(app, host="127.0.0.1", port=port, threads=64)
