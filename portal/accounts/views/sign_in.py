"""Signing in: address and password, which company, second factor; and signing out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal import htmx
from portal.access.guard import public
from portal.access.identity import assume, identity_by_id
from portal.accounts import attempts, browser, operations, queries
from portal.accounts.forms import CodeForm, SignInForm
from portal.accounts.models import Purpose
from portal.accounts.throttle import ThrottledError
from portal.accounts.views.blueprint import bp
from portal.errors import RefusedError
from portal.members.models import User


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    if g.get("identity"):
        return redirect(_wanted() or url_for("accounts.home"), 303)
    form = SignInForm()
    if request.method != "POST":
        return _sign_in_page(form)
    if not form.validate():
        return _sign_in_page(form, status=422)
    try:
        people = attempts.check_password(
            form.email.data, form.password.data, address=browser.client_address()
        )
    except RefusedError as error:
        form.refuse(error)
        return refused(_sign_in_page(form, status=422), error)
    return _go_on(people)


def _sign_in_page(form: SignInForm, status: int = 200) -> Response:
    shown = current_app.config.get("DEMO_SIGN_INS", ()) if current_app.config["DEMO"] else ()
    return htmx.render(
        "accounts/sign_in.html", status=status, form=form, next=_wanted(), demo_sign_ins=shown
    )


def refused(page: Response, error: RefusedError) -> Response:
    """Say by the status, too, that somebody has to wait."""
    if isinstance(error, ThrottledError):
        page.status_code = 429
        page.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    return page


def _wanted() -> str | None:
    return browser.safe_next(request.args.get("next"))


def _go_on(people: Sequence[Any]) -> BaseResponse:
    """Sign in, or ask which company or code is meant before that."""
    if len(people) == 1 and not attempts.asks_for_code(people[0]):
        return enter(people[0])
    token = operations.begin_step(people, browser.STEP_TIME)
    endpoint = "accounts.code" if len(people) == 1 else "accounts.pick_company"
    response = redirect(url_for(endpoint, next=_wanted()), 303)
    browser.remember_step(response, token)
    return response


def enter(
    person: Any,
    begin: Callable[..., str] = operations.sign_in,
    url: str | None = None,
    toast: str | None = None,
) -> BaseResponse:
    """Begin a session of ``person`` in this browser and lead on to ``url``."""
    identity = identity_by_id(person.company_id, person.id)
    if identity is None:
        return redirect(url_for("accounts.sign_in"), 303)
    assume(identity)
    token = begin(identity.user, address=browser.client_address(), device=browser.device())
    browser.start_over()
    response = htmx.see_other(url or _wanted() or url_for("accounts.home"), toast=toast)
    browser.remember(response, token)
    return response


def _step() -> Sequence[User]:
    return [user for _token, user, _ in queries.holders(browser.step_token(), Purpose.STEP)]


@bp.route("/sign-in/company", methods=["GET", "POST"])
@public
def pick_company() -> Any:
    """Ask a person who is known in several companies by one address and password."""
    holders = queries.holders(browser.step_token(), Purpose.STEP)
    if request.method != "POST" and holders:
        companies = [(user.id, company.name) for _token, user, company in holders]
        return htmx.render("accounts/pick_company.html", companies=companies, next=_wanted())
    chosen = [user for _, user, _ in holders if str(user.id) == request.form.get("person")]
    if not chosen or not operations.end_step(browser.step_token()):
        return redirect(url_for("accounts.sign_in", next=_wanted()), 303)
    return _go_on(chosen)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> Any:
    """Ask for the second factor."""
    people = _step()
    if len(people) != 1:
        return redirect(url_for("accounts.sign_in", next=_wanted()), 303)
    form = CodeForm()
    if request.method != "POST":
        return htmx.render("accounts/code.html", form=form, next=_wanted())
    try:
        if not form.validate():
            raise RefusedError("")
        attempts.check_code(people[0], form.code.data)
    except RefusedError as error:
        if error.message:
            form.refuse(error)
        page = htmx.render("accounts/code.html", status=422, form=form, next=_wanted())
        return refused(page, error)
    operations.end_step(browser.step_token())
    return enter(people[0])


@bp.post("/sign-out")
@public
def sign_out() -> Any:
    if g.get("identity"):
        operations.end_session(g.auth_session, actor=g.identity.user)
    response = htmx.see_other(url_for("accounts.sign_in"))
    browser.forget(response)
    return response
