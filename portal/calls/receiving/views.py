"""Where exchanges send their calls. Kept first and read later: a call's thread waits for us."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, request

from portal.access.guard import public
from portal.calls.receiving import describing, operations
from portal.extensions import csrf

bp = Blueprint("receiving", __name__)
LARGEST = 4 * 1024**2


@bp.post("/intake")
@csrf.exempt
@public
def take() -> Any:
    """Keep one body of whatever content: what can be kept is never refused."""
    g.durable = True
    source = operations.source_of(_token())
    if source is None:
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Bulkhead intake"'})
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    operations.keep(*source, request.headers.get("Content-Type", ""), body)
    return Response(status=204)


@bp.get("/intake/openapi.json")
@public
def description() -> Any:
    """What can be sent, for programs and for who writes them."""
    return describing.document(current_app.config["BASE_URL"])


def _token() -> str:
    """Return the token that is sent: as a bearer's, or as the password of any user."""
    given = request.authorization
    if given is None:
        return ""
    return str((given.token if given.type == "bearer" else given.password) or "")
