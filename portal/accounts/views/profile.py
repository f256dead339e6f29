"""One's own profile, password and sessions."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.accounts import attempts, browser, operations, queries
from portal.accounts.forms import ChangePasswordForm, ProfileForm
from portal.accounts.views.blueprint import bp
from portal.accounts.views.sign_in import enter, refused
from portal.errors import RefusedError


@bp.route("/profile", methods=["GET", "POST"])
@guard()
def profile() -> Any:
    form = ProfileForm(company=g.identity.company, obj=g.identity.user)
    if request.method != "POST":
        return _page(form, ChangePasswordForm())
    if not form.validate():
        return _page(form, ChangePasswordForm(formdata=None), status=422)
    operations.edit_profile(
        name=form.name.data,
        language=form.language.data or None,
        timezone=form.timezone.data or None,
        actor=g.identity.user,
    )
    return htmx.see_other(url_for("accounts.profile"), toast=_("Your profile is saved."))


def _page(form: ProfileForm, password_form: ChangePasswordForm, status: int = 200) -> Any:
    return htmx.render(
        "accounts/profile.html", status=status, form=form, password_form=password_form
    )


@bp.post("/profile/password")
@guard()
def change_password() -> Any:
    """Change the password; this browser gets a new session, every other one ends."""
    form = ChangePasswordForm()
    user = g.identity.user
    try:
        if not form.validate():
            return _page(_unsent_profile(), form, status=422)
        attempts.check_own_password(user, form.current.data, "current", browser.client_address())
        operations.change_password(user, form.password.data)
    except RefusedError as error:
        form.refuse(error)
        return refused(_page(_unsent_profile(), form, status=422), error)
    return enter(
        user, operations.start_session, url_for("accounts.profile"), _("Your password is changed.")
    )


def _unsent_profile() -> ProfileForm:
    return ProfileForm(company=g.identity.company, obj=g.identity.user, formdata=None)


@bp.get("/profile/sessions")
@guard()
def sessions() -> Any:
    found = queries.sessions_of(g.identity.user)
    return htmx.render("accounts/sessions.html", found=found, this=g.auth_session)


@bp.post("/profile/sessions/<uuid:session_id>/end")
@guard()
def end_session(session_id: uuid.UUID) -> Any:
    found = queries.session_of(g.identity.user, session_id)
    if found is None:
        abort(404)
    operations.end_session(found, actor=g.identity.user)
    return htmx.see_other(url_for("accounts.sessions"), toast=_("The session has ended."))


@bp.post("/profile/sessions/end-others")
@guard()
def end_other_sessions() -> Any:
    operations.end_other_sessions(g.auth_session, actor=g.identity.user)
    toast = _("All other sessions have ended.")
    return htmx.see_other(url_for("accounts.sessions"), toast=toast)
