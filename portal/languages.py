"""The language and time zone of the person who is asking."""

from __future__ import annotations

import zoneinfo

from flask import g, has_request_context, request

from portal.config import LANGUAGES

COOKIE = "language"


def language() -> str:
    """Return the person's choice, else the cookie's, else the company's or the browser's."""
    identity = g.get("identity")
    cookie = request.cookies.get(COOKIE) if has_request_context() else None
    chosen = [identity.user.language if identity else None, cookie]
    company = identity.company.language if identity else None
    for candidate in (*chosen, company):
        if candidate in LANGUAGES:
            return candidate
    if not has_request_context():
        return "en"
    return request.accept_languages.best_match(list(LANGUAGES), default="en")


def timezone() -> str:
    identity = g.get("identity")
    return (identity.user.timezone or identity.company.timezone) if identity else "UTC"


def zones() -> list[str]:
    """Return the names of all time zones, in order."""
    return sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
