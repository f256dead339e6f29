"""``flask portal create-company``: the first step on a new installation."""

from __future__ import annotations

import click
from flask_babel import force_locale

from portal.accounts.operations import invite
from portal.cli import commands
from portal.company.models import Security
from portal.company.operations import create_company
from portal.config import LANGUAGES
from portal.extensions import db
from portal.forms import is_email
from portal.languages import zones
from portal.wall.scope import Scope, entered

MOST_LETTERS = 100


@commands.command("create-company")
@click.argument("name")
@click.option("--admin", "email", required=True, help="E-mail address of the first Admin.")
@click.option("--admin-name", default="", help="Name of the first Admin.")
@click.option("--timezone", default="Europe/Warsaw", show_default=True)
@click.option("--language", default="en", type=click.Choice(list(LANGUAGES)), show_default=True)
@click.option("--security", default="simple", type=click.Choice([kind.value for kind in Security]))
def create_company_command(
    name: str, email: str, admin_name: str, timezone: str, language: str, security: str
) -> None:
    """Create the company NAME with its roles and mail an invitation to its first Admin."""
    if timezone not in zones():
        raise click.BadParameter(timezone, param_hint="--timezone")
    if not is_email(email):
        raise click.BadParameter(email, param_hint="--admin")
    if not name.strip() or len(name) > MOST_LETTERS:
        raise click.BadParameter(name, param_hint="NAME")
    with force_locale(language):
        admin = create_company(
            name.strip(),
            email=email,
            admin_name=admin_name,
            timezone=timezone,
            language=language,
            security=Security(security),
        )
        with entered(Scope(admin.company_id, sees_all=True, sees_people=True)):
            invite(admin, actor=admin)
            db.session.commit()
    click.echo(f"Created {name}. An invitation is on its way to {email}.")
