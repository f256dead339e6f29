"""The language and time zone of the person who is asking."""

from __future__ import annotations

import functools
import zoneinfo
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale, get_translations
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from portal.config import LANGUAGES

COOKIE = "language"


def register(app: Flask) -> None:
    """Let templates translate quickly: a page has hundreds of texts, nearly all without values."""
    translate: Any = app.jinja_env.globals["gettext"]

    @pass_context
    def gettext(context: Context, message: str, **values: Any) -> str:
        if values or not context.eval_ctx.autoescape:
            return translate(context, message, **values)
        return _translated(message, get_locale())

    app.jinja_env.globals.update(gettext=gettext, _=gettext)


@functools.lru_cache(maxsize=5000)
def _translated(message: str, locale: Locale | None) -> Markup:
    return Markup(get_translations().gettext(message)) % {}  # noqa: S704  # of our catalogues


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


def zone() -> zoneinfo.ZoneInfo:
    """Return the same as a zone, found once for a page: lists show hundreds of times."""
    if "zone" not in g:
        g.zone = zoneinfo.ZoneInfo(timezone())
    return g.zone  # type: ignore[no-any-return]  # Flask's g has no types


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
