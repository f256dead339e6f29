"""The reports that somebody opened last, kept by their browser.

To look at a report writes nothing, so no row can hold this. The cookie has names of reports only,
is signed, and is passed over where it is somebody else's: a browser may be shared.
"""

from __future__ import annotations

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal.reports import registry
from portal.reports.terms import Report

COOKIE = "bulkhead_reports"
MOST = 6
_KEPT_S = 90 * 24 * 3600


def opened() -> list[Report]:
    """Return the reports opened last that may still be, the latest first."""
    names = _names()
    return sorted(
        (one for one in registry.offered() if one.name in names),
        key=lambda one: names.index(one.name),
    )


def remember(response: Response, report: Report) -> Response:
    """Put a report in front of those opened last."""
    before = _names()
    names = [report.name, *(name for name in before if name != report.name)][:MOST]
    if names != before:
        response.set_cookie(
            COOKIE,
            _signer().dumps([g.actor.id.hex, *names]),
            max_age=_KEPT_S,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            path="/reports",
        )
    return response


def _names() -> list[str]:
    try:
        owner, *names = _signer().loads(request.cookies.get(COOKIE, "")[:2000])
    except (BadSignature, ValueError):
        return []
    return names if owner == g.actor.id.hex else []


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="reports opened last")
