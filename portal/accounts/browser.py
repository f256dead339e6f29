"""The browser at hand: its cookies, where it comes from, and where it may be led."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import htmx
from portal.access.identity import assume, identity_of
from portal.accounts import queries

STEP_COOKIE = "bulkhead_step"
STEP_TIME = dt.timedelta(minutes=10)
_LONGEST_TOKEN = 64


def cookie_name() -> str:
    """With https the browser itself sees to it that no other host has set the cookie."""
    return "__Host-bulkhead" if _secure() else "bulkhead"


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def recognise() -> None:
    """Find out who is asking, anew for each request: what ended a moment ago has ended."""
    token = request.cookies.get(cookie_name(), "")
    if request.endpoint == "static" or not 0 < len(token) <= _LONGEST_TOKEN:
        return
    found = queries.signed_in(token)
    if found:
        g.auth_session, user, company, role = found
        assume(identity_of(user, company, role))


def current_person(_request: Any = None) -> Any:
    """Return the signed-in user, for Flask-Login."""
    identity = g.get("identity")
    return identity.user if identity else None


def start_over() -> None:
    """Forget the forms and messages of whoever used this browser before."""
    session.clear()


def remember(response: BaseResponse, token: str) -> None:
    """Sign this browser in with ``token``."""
    lifetime = current_app.config["SESSION_LIFETIME"]
    response.set_cookie(cookie_name(), token, max_age=lifetime, **_manners())
    forget_step(response)


def forget(response: BaseResponse) -> None:
    """Sign this browser out and let it throw away what it has kept."""
    start_over()
    response.delete_cookie(cookie_name(), **_manners())
    forget_step(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def remember_step(response: BaseResponse, token: str) -> None:
    response.set_cookie(STEP_COOKIE, token, max_age=STEP_TIME, **_manners())


def forget_step(response: BaseResponse) -> None:
    if STEP_COOKIE in request.cookies:
        response.delete_cookie(STEP_COOKIE, **_manners())


def step_token() -> str:
    return request.cookies.get(STEP_COOKIE, "")[:_LONGEST_TOKEN]


def _manners() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": _secure(), "path": "/"}


def client_address() -> str:
    return (request.remote_addr or "")[:64]


def device() -> str:
    """Return what the browser says it is, as text that is safe to show."""
    text = request.headers.get("User-Agent", "")[:300]
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def safe_next(address: str | None) -> str | None:
    """Return ``address`` if it is a path of this site, whatever a browser makes of it."""
    if not address or len(address) > 2000 or not address.startswith("/"):
        return None
    if address.startswith("//") or "\\" in address:
        return None
    if any(unicodedata.category(character)[0] in "CZ" for character in address):
        return None
    return address


def came_from() -> str | None:
    """Return the path of the page that the browser is on, if it is one of this site."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return safe_next(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def ask_to_sign_in() -> Response | BaseResponse:
    """Lead a person who is not signed in to the sign-in page, and from there back to here."""
    if htmx.is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("accounts.sign_in", next=came_from())
        return response
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    wanted = None if here == url_for("accounts.home") else safe_next(here)
    return redirect(url_for("accounts.sign_in", next=wanted), 303)
