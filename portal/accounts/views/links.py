"""Forgotten passwords, and the mailed links by which a password is chosen."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from portal import htmx
from portal.access.guard import public
from portal.accounts import attempts, browser, events, operations, queries
from portal.accounts.forms import ChoosePasswordForm, ForgotForm
from portal.accounts.models import Purpose
from portal.accounts.views.blueprint import bp
from portal.accounts.views.sign_in import refused
from portal.errors import RefusedError


@bp.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> Any:
    form = ForgotForm()
    if request.method != "POST":
        return htmx.render("accounts/forgot.html", form=form)
    try:
        if not form.validate():
            return htmx.render("accounts/forgot.html", status=422, form=form)
        attempts.count_mail(form.email.data, address=browser.client_address())
    except RefusedError as error:
        form.refuse(error)
        return refused(htmx.render("accounts/forgot.html", status=422, form=form), error)
    events.note("reset", form.email.data, client=browser.client_address())
    return htmx.see_other(url_for("accounts.forgot_sent"))


@bp.get("/forgot/sent")
@public
def forgot_sent() -> Any:
    return htmx.render("accounts/forgot_sent.html")


@bp.route("/choose-password/<token>", methods=["GET", "POST"])
@public
def choose_password(token: str) -> Any:
    """Show a form; only sending it uses the link, since mail programs look at links."""
    holders = queries.holders(token, Purpose.INVITATION, Purpose.RESET)
    if len(holders) != 1:
        return htmx.render("accounts/link_ended.html", status=404)
    _token, user, company = holders[0]
    shown: dict[str, Any] = {"email": user.email, "company": company.name}
    form = ChoosePasswordForm()
    if request.method != "POST":
        return htmx.render("accounts/choose_password.html", form=form, **shown)
    try:
        if not form.validate():
            return htmx.render("accounts/choose_password.html", status=422, form=form, **shown)
        g.scope, g.actor = operations.scope_of_link(user), user
        operations.choose_password(token, user, form.password.data)
    except RefusedError as error:
        form.refuse(error)
        return htmx.render("accounts/choose_password.html", status=422, form=form, **shown)
    return htmx.see_other(url_for("accounts.password_chosen"))


@bp.get("/choose-password")
@public
def password_chosen() -> Any:
    return htmx.render("accounts/password_chosen.html")
