"""The language and time zone of the person who is asking."""

from __future__ import annotations

import zoneinfo
from typing import Any

from flask import g, has_request_context, request
from flask_babel import gettext as _

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


def language_choices(company: Any) -> list[tuple[str, str]]:
    """Return what a person may choose; the empty choice goes with the company."""
    name = LANGUAGES.get(company.language, LANGUAGES["en"])
    return [("", _("As the company: %(value)s", value=name)), *LANGUAGES.items()]


def zone_choices(company: Any) -> list[tuple[str, str]]:
    zones_by_name = [(zone, _shown(zone)) for zone in zones()]
    return [("", _("As the company: %(value)s", value=_shown(company.timezone))), *zones_by_name]


def _shown(zone: str) -> str:
    return zone.replace("_", " ")
