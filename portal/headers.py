"""What every answer says to the browser, and addresses of static files that may be kept."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def register(app: Flask) -> None:
    app.after_request(_secure)
    app.url_defaults(_version_of_static)


def secure(app: Flask, response: Response) -> Response:
    """Add what every answer says, whoever gives it."""
    response.headers.update(_HEADERS)
    if app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _secure(response: Response) -> Response:
    secure(current_app, response)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _version_of_static(endpoint: str, values: dict[str, Any]) -> None:
    """Add the hash of a static file to its address, so that browsers may keep it for ever."""
    if endpoint == "static" and "filename" in values and current_app.static_folder:
        values["v"] = _digest(str(Path(current_app.static_folder, values["filename"])))


@functools.cache
def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]
