"""The three kinds of errors that are not bugs: shape, rule and access; and how they are shown."""

from __future__ import annotations

import errno
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.extensions import db


class RefusedError(Exception):
    """A rule forbids it. ``message`` is for the person; ``field`` names the input it belongs to."""

    def __init__(self, message: Any, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ConflictError(RefusedError):
    """Somebody else changed the same thing meanwhile; ``theirs`` is what stands there now."""

    def __init__(self, message: Any, theirs: Any = None) -> None:
        super().__init__(message)
        self.theirs = theirs


# What is said to people; every other status is answered as the nearest of these.
_PAGES = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(OperationalError, not_ready)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(Exception, _bug)


def _page(status: int) -> tuple[str, int]:
    """Return the page of an error. It holds nothing of the request: 404 is the same for all."""
    return render_template(f"errors/{status if status in _PAGES else 400}.html"), status


def _http_error(error: HTTPException) -> Any:
    if isinstance(error, SecurityError):  # a host that is not ours: no address can be built for it
        return "Bad request", 400, {"Content-Type": "text/plain; charset=utf-8"}
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    page, status = _page(error.code)
    headers = [item for item in error.get_headers() if item[0].lower() in {"allow", "retry-after"}]
    return page, status, headers


def _stale_form(error: CSRFError) -> Any:
    return render_template("errors/stale.html"), 403


def not_ready(error: Exception) -> Any:
    """Say that the database, or the disk, takes nothing at the moment: nothing was changed."""
    db.session.rollback()  # else SQLAlchemy takes a COMMIT that failed for the end of it
    db.session.remove()
    g.pop("identity", None)
    return render_template("errors/503.html"), 503, {"Retry-After": "2"}


def _no_room(error: OSError) -> Any:
    return not_ready(error) if error.errno in (errno.ENOSPC, errno.EDQUOT) else _bug(error)


def _bug(error: Exception) -> Any:
    """Log a bug with the reference that the person can quote; nothing is left half done."""
    current_app.logger.exception(
        "%s %r failed, reference %s", request.method, request.path, g.request_id
    )
    if current_app.testing and current_app.config["PROPAGATE_BUGS"]:
        raise error
    db.session.rollback()
    return render_template("errors/500.html", reference=g.request_id), 500
