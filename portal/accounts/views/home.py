"""The start page and the choice of language."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, g, redirect, request, url_for

from portal import htmx, languages, navigation
from portal.access.guard import guard, public
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.accounts import browser, operations
from portal.accounts.views.blueprint import bp
from portal.config import LANGUAGES

_A_YEAR = 365 * 24 * 3600
# Work that can be done without being in any project.
_NEEDS_NO_PROJECT = (
    Permission.MANAGE_ACCESS,
    Permission.MANAGE_PROJECTS,
    Permission.MANAGE_PEOPLE,
    Permission.MANAGE_ROLES,
)


@bp.get("/")
@guard()
def home() -> Any:
    scope = g.identity.scope
    sections = navigation.sections()
    in_nothing = not scope.sees_all and not scope.project_ids
    if not sections or (in_nothing and not any(map(can, _NEEDS_NO_PROJECT))):
        return htmx.render("accounts/nothing.html", in_nothing=in_nothing)
    return redirect(url_for(sections[0].endpoint), 303)


@bp.post("/language")
@public
def language() -> Any:
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        abort(422)
    if g.get("identity"):
        operations.choose_language(chosen, actor=g.identity.user)
    wanted = browser.safe_next(request.form.get("next")) or browser.came_from()
    response = htmx.see_other(wanted or url_for("accounts.home"))
    response.set_cookie(
        languages.COOKIE,
        chosen,
        max_age=_A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
