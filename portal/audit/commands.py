"""``flask portal verify-activity``: has anybody tampered with the trail?"""

from __future__ import annotations

import click
from sqlalchemy import select

from portal.audit import trail
from portal.cli import commands
from portal.company.models import Company
from portal.extensions import db
from portal.wall.scope import unscoped


@commands.command("verify-activity")
def verify_activity() -> None:
    """Check that no entry of the activity was changed, taken out or put in between.

    Ends with status 1 and names the first fault of each company whose chain is broken.
    """
    with unscoped("the operator of the portal checks every company"):
        companies = list(db.session.execute(select(Company.id, Company.name).order_by(Company.id)))
    broken = 0
    for company_id, name in companies:
        sound, fault = trail.verify(company_id)
        broken += fault is not None
        click.echo(f"{name}: {sound} entries are sound" + (f"; {fault}" if fault else ""))
    if broken:
        raise SystemExit(1)
