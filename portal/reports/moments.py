"""Now and today in conditions: told when a statement runs, so that it is compiled once."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import g
from sqlalchemy import BigInteger, Date, bindparam

from portal import languages
from portal.database import utcnow

DAY_S = 86_400
NOW_S = bindparam("now_s", type_=BigInteger(), callable_=lambda: int(utcnow().timestamp()))
TODAY = bindparam(
    "today", type_=Date(), callable_=lambda: utcnow().astimezone(languages.zone()).date()
)


def cut_in() -> ZoneInfo:
    """Return the zone in which the days of the company's figures are cut, found once for a page."""
    if "figures_zone" not in g:
        company = g.identity.company
        g.figures_zone = ZoneInfo(company.figures_timezone or company.timezone)
    return g.figures_zone  # type: ignore[no-any-return]  # Flask's g has no types
