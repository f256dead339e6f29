"""The second factor: each code once, also by two requests at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import select

from portal.accounts import second_factor
from portal.accounts.models import RecoveryCode
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped
from tests.factories import PASSWORD, building, company, user

EMAIL = "şükrü@example.org"
PAGE = "/profile/second-factor"


@pytest.fixture
def person(app):
    with building(app):
        company()
        return user("Şükrü İnce", email=EMAIL)


@pytest.fixture
def clock(monkeypatch):
    """Stop the clock in the middle of a step; ``clock(30)`` moves it on."""
    now = [time.time() // 30 * 30 + 15]
    monkeypatch.setattr(second_factor.time, "time", lambda: now[0])

    def move(seconds: int) -> float:
        now[0] += seconds
        return now[0]

    return move


def turn_on(someone) -> tuple[str, list[str]]:
    page = someone.get(PAGE)
    secret = page.texts("code.secret")[0].replace(" ", "")
    page = page.submit("Turn it on", {"Code": pyotp.TOTP(secret).at(second_factor.time.time())})
    return secret, page.texts(".codes li")


def with_code(visitor, code: str, status: int = 200):
    page = visitor().sign_in(EMAIL, PASSWORD)
    assert page.path == "/sign-in/code"
    return page.submit("Continue", {"Code": code}, status=status)


def test_is_set_up_by_a_picture_and_a_code(person, visitor):
    someone = visitor(EMAIL)
    page = someone.get(PAGE)
    assert len(page.all("svg.qr path")) >= 2
    secret = page.texts("code.secret")[0].replace(" ", "")
    assert len(secret) == 32
    page = page.submit("Turn it on", {"Code": "000000"}, status=422)
    assert page.texts(".err") == ["This code is wrong. Is the clock of your phone right?"]
    assert page.texts("code.secret")[0].replace(" ", "") == secret
    page = page.submit("Turn it on", {"Code": pyotp.TOTP(secret).now()})
    assert len(set(page.texts(".codes li"))) == 10
    assert someone.get(PAGE).texts("h2")[:1] == ["Change it"]


def test_a_key_of_somebody_else_or_of_nobody_is_not_taken(person, app, visitor):
    with building(app, person):
        user("Other", email="other@example.org")
    page = visitor("other@example.org").get(PAGE)
    secret = page.texts("code.secret")[0].replace(" ", "")
    sealed = page.one("input[name=sealed]").attributes["value"]
    for one in (sealed, "", "x", "ü", sealed[:-4] + "AAAA"):
        fields = {"sealed": one, "code": pyotp.TOTP(secret).now()}
        visitor(EMAIL).post(PAGE, fields, status=422)
    assert visitor().sign_in(EMAIL, PASSWORD).path == "/"


def test_is_asked_for_at_signing_in(person, clock, visitor):
    secret, _ = turn_on(visitor(EMAIL))
    page = visitor().sign_in(EMAIL, PASSWORD)
    assert page.path == "/sign-in/code"
    assert page.visitor.get("/profile").path == "/sign-in"
    code = pyotp.TOTP(secret).at(clock(30))
    page = page.visitor.get("/sign-in/code?next=/profile").submit("Continue", {"Code": code})
    assert page.path == "/profile"


def test_a_code_works_once(person, clock, visitor):
    secret, _ = turn_on(visitor(EMAIL))
    # The code that set it up is used already.
    with_code(visitor, pyotp.TOTP(secret).at(clock(0)), status=422)
    code = pyotp.TOTP(secret).at(clock(30))
    assert with_code(visitor, f" {code[:3]} {code[3:]} ").path == "/"
    page = with_code(visitor, code, status=422)
    assert page.texts(".err") == ["This code is wrong or was used already."]
    # Nor does the code of the step before, once a later one was used.
    with_code(visitor, pyotp.TOTP(secret).at(clock(0) - 30), status=422)


def test_a_code_works_once_for_requests_at_the_same_moment(person, clock, visitor):
    secret, _ = turn_on(visitor(EMAIL))
    code = pyotp.TOTP(secret).at(clock(30))
    pages = [visitor().sign_in(EMAIL, PASSWORD) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda page: page.submit("Continue", {"Code": code}, status=None), pages)
        )
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]


def test_an_old_or_early_code_is_wrong(person, clock, visitor):
    secret, _ = turn_on(visitor(EMAIL))
    now = clock(300)
    for wrong in (
        pyotp.TOTP(secret).at(now - 60),
        pyotp.TOTP(secret).at(now + 60),
        "",
        "ü",
        "1" * 41,
    ):
        with_code(visitor, wrong, status=422)
    assert with_code(visitor, pyotp.TOTP(secret).at(now - 30)).path == "/"


def test_each_recovery_code_works_once(person, app, clock, visitor):
    _, codes = turn_on(visitor(EMAIL))
    for code in codes[:2]:
        assert with_code(visitor, code.upper()).path == "/"
        with_code(visitor, code, status=422)
    page = visitor(EMAIL).get(PAGE)
    assert "8 recovery codes are left." in page.text
    with app.app_context(), unscoped("a test"):
        kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
        stored = db.session.scalars(select(User.totp_secret).where(User.email == EMAIL)).one()
    assert len(kept) == 8
    assert all(len(one) == 32 for one in kept)
    assert stored.startswith(b"gAAAA")  # sealed by Fernet


def test_a_recovery_code_works_once_for_requests_at_the_same_moment(person, visitor):
    _, codes = turn_on(visitor(EMAIL))
    pages = [visitor().sign_in(EMAIL, PASSWORD) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda page: page.submit("Continue", {"Code": codes[0]}, status=None), pages)
        )
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]


def test_recovery_codes_are_renewed_with_the_password(person, visitor):
    someone = visitor(EMAIL)
    _, old = turn_on(someone)
    page = someone.get(PAGE).submit("New recovery codes", {"Password": "wrong"}, status=422)
    assert page.texts(".err") == ["The password is wrong."]
    new = someone.get(PAGE).submit("New recovery codes", {"Password": PASSWORD}).texts(".codes li")
    assert not set(old) & set(new)
    with_code(visitor, old[0], status=422)
    assert with_code(visitor, new[0]).path == "/"


def test_is_turned_off_with_the_password(person, app, visitor):
    someone = visitor(EMAIL)
    turn_on(someone)
    someone.get(PAGE).submit("Turn it off", {"Password": "wrong"}, status=422)
    page = someone.get(PAGE).submit("Turn it off", {"Password": PASSWORD})
    assert page.texts("h2")[:1] == ["Set it up"]
    assert visitor().sign_in(EMAIL, PASSWORD).path == "/"
    with app.app_context(), unscoped("a test"):
        assert db.session.scalars(select(RecoveryCode)).all() == []


def test_turning_it_on_ends_sessions_begun_without_it(person, visitor):
    someone, elsewhere = visitor(EMAIL), visitor(EMAIL)
    turn_on(someone)
    assert someone.get("/profile").path == "/profile"
    assert elsewhere.get("/profile").path == "/sign-in"


def test_the_step_before_the_code_is_nobody_for_long(person, clock, app, visitor):
    """A copied step cookie does not outlive its use, nor a change of the password."""
    secret, _ = turn_on(visitor(EMAIL))
    first = visitor().sign_in(EMAIL, PASSWORD)
    thief = visitor()
    thief.client.set_cookie("bulkhead_step", first.visitor.cookies()["bulkhead_step"])
    first.submit("Continue", {"Code": pyotp.TOTP(secret).at(clock(30))})
    page = thief.post("/sign-in/code", {"code": pyotp.TOTP(secret).at(clock(30))})
    assert page.path == "/sign-in"
    assert visitor().get("/sign-in/code").path == "/sign-in"
    assert visitor().get("/sign-in/company").path == "/sign-in"
