"""The description of the intake; what is sent to it passes the gate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app

from portal.access.guard import public
from portal.calls.receiving import describing

bp = Blueprint("receiving", __name__)


@bp.get("/intake/openapi.json")
@public
def description() -> Any:
    """What can be sent, for programs and for who writes them."""
    return describing.document(current_app.config["BASE_URL"])
