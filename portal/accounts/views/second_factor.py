"""Turning the second factor on and off."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.accounts import attempts, browser, operations, queries
from portal.accounts import second_factor as factor
from portal.accounts.forms import ConfirmPasswordForm, SetUpForm
from portal.accounts.views.blueprint import bp
from portal.accounts.views.sign_in import refused
from portal.errors import RefusedError


@bp.route("/profile/second-factor", methods=["GET", "POST"])
@guard()
def second_factor() -> Any:
    """Show its state; while it is off, set it up with a code of the new authenticator."""
    user = g.identity.user
    if user.totp_secret is not None:
        return _state(ConfirmPasswordForm(formdata=None))
    form = SetUpForm()
    if request.method != "POST":
        return _set_up(form, factor.new_secret())
    secret = factor.unsealed(form.sealed.data or "", user)
    if secret is None:
        form.refuse(RefusedError(_("This page was open for too long. Scan the new picture.")))
        return _set_up(form, factor.new_secret(), status=422)
    if not form.validate():
        return _set_up(form, secret, status=422)
    codes = operations.turn_on_second_factor(user, secret, form.code.data, keep=g.auth_session)
    if codes is None:
        form.refuse(
            RefusedError(_("This code is wrong. Is the clock of your phone right?"), "code")
        )
        return _set_up(form, secret, status=422)
    return htmx.render("accounts/recovery_codes.html", codes=codes)


def _set_up(form: SetUpForm, secret: str, status: int = 200) -> Any:
    user = g.identity.user
    form.sealed.data = factor.sealed(secret, user)
    return htmx.render(
        "accounts/set_up_second_factor.html",
        status=status,
        form=form,
        picture=factor.picture(secret, user),
        secret=factor.spaced(secret),
    )


def _state(form: ConfirmPasswordForm, status: int = 200) -> Any:
    left = queries.recovery_codes_left(g.identity.user)
    return htmx.render("accounts/second_factor.html", status=status, form=form, left=left)


@bp.post("/profile/second-factor/off")
@guard()
def turn_off_second_factor() -> Any:
    problem = _confirm()
    if problem is not None:
        return problem
    operations.turn_off_second_factor(g.identity.user)
    toast = _("The second factor is off.")
    return htmx.see_other(url_for("accounts.second_factor"), toast=toast)


@bp.post("/profile/second-factor/codes")
@guard()
def renew_recovery_codes() -> Any:
    problem = _confirm()
    if problem is not None:
        return problem
    codes = operations.renew_recovery_codes(g.identity.user)
    return htmx.render("accounts/recovery_codes.html", codes=codes)


def _confirm() -> Any:
    """Ask for the password; return the page that says what is wrong with it, or None."""
    user, form = g.identity.user, ConfirmPasswordForm()
    if user.totp_secret is None:
        return htmx.see_other(url_for("accounts.second_factor"))
    try:
        if not form.validate():
            return _state(form, status=422)
        attempts.check_own_password(user, form.password.data, "password", browser.client_address())
    except RefusedError as error:
        form.refuse(error)
        return refused(_state(form, status=422), error)
    return None
