"""The mails of the demo, which sends none."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app

from portal import htmx
from portal.access.guard import public
from portal.accounts import queries
from portal.accounts.views.blueprint import bp


@bp.get("/outbox")
@public
def outbox() -> Any:
    if not current_app.config["DEMO"]:
        abort(404)
    return htmx.render("accounts/outbox.html", mails=queries.outbox())
