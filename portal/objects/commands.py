"""``flask portal reseal``: stored secrets under the newest key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import select, update

from portal import sealing
from portal.calls.evidence import CallSource
from portal.cli import commands
from portal.extensions import db
from portal.members.models import User
from portal.objects.registry import KINDS
from portal.wall.scope import unscoped


@commands.command("reseal")
def reseal() -> None:
    """Seal all stored secrets with the newest of SEALING_KEYS; then the older ones may go."""
    number = 0
    with unscoped("the operator of the portal changes the key of every company"):
        for model, column in _sealed():
            for row in db.session.execute(
                select(model.company_id, model.id, column).where(column.is_not(None))
            ).all():
                chosen = (model.company_id == row[0], model.id == row[1], column == row[2])
                change = update(model).where(*chosen).values({column: sealing.resealed(row[2])})
                options = {
                    "synchronize_session": False,
                    "untold": "the secrets stay the same, only their seal is another",
                }
                db.session.execute(change, execution_options=options)
                number += 1
        db.session.commit()
    click.echo(f"{number} secrets are sealed with the newest key")


def _sealed() -> Iterator[tuple[Any, Any]]:
    """Yield the columns that keep secrets: of users, sources, and of each kind that has one."""
    yield User, User.totp_secret
    yield CallSource, CallSource.database_secret
    for kind in KINDS.values():
        if "secret" in kind.model.__table__.columns:
            yield kind.model, kind.model.secret
