"""Nobody guesses: attempts are counted in the database, also parallel ones and refused ones."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import select, update

from portal.accounts.models import Throttle
from portal.database import utcnow
from portal.extensions import db
from tests.factories import PASSWORD, building, company, user

EMAIL = "łukasz@example.org"


@pytest.fixture
def person(app):
    with building(app):
        company()
        return user("Łukasz Dębski", email=EMAIL)


def later(app, minutes: int) -> None:
    """Let time pass for the attempts counted so far."""
    with app.app_context():
        for row in db.session.scalars(select(Throttle)):
            row.last_at -= dt.timedelta(minutes=minutes)
        db.session.commit()


def test_locks_an_address_after_ten_tries_for_a_while(person, app, visitor):
    answers = [
        visitor().sign_in(EMAIL.upper(), f"wrong {n}", status=None).status for n in range(12)
    ]
    assert answers == [422] * 10 + [429] * 2
    page = visitor().sign_in(EMAIL, PASSWORD, status=429)
    assert "Too many attempts. Try again in 15 minutes." in page.text
    assert 0 < int(page.headers["Retry-After"]) <= 900
    later(app, 16)
    assert visitor(EMAIL, PASSWORD).get("/profile").path == "/profile"


def test_trying_while_locked_does_not_lock_for_longer(person, app, visitor):
    for n in range(11):
        visitor().sign_in(EMAIL, f"wrong {n}", status=None)
    later(app, 10)
    visitor().sign_in(EMAIL, "wrong", status=429)
    later(app, 6)
    visitor().sign_in(EMAIL, PASSWORD)


def test_locks_an_unknown_address_alike(person, visitor):
    answers = [
        [visitor().sign_in(email, "wrong", status=None).status for _ in range(12)]
        for email in (EMAIL, "nobody@example.org")
    ]
    assert answers[0] == answers[1]


def test_the_right_password_forgets_the_wrong_ones(person, visitor):
    for _ in range(2):
        for n in range(9):
            visitor().sign_in(EMAIL, f"wrong {n}", status=422)
        visitor().sign_in(EMAIL, PASSWORD)


def test_locks_a_client_that_tries_one_password_on_many(person, app, visitor):
    tried = [
        visitor(address="203.0.113.5").sign_in(f"u{n}@example.org", "Winter2026!", status=None)
        for n in range(52)
    ]
    assert [page.status for page in tried] == [422] * 50 + [429] * 2
    visitor(address="203.0.113.5").sign_in(EMAIL, PASSWORD, status=429)
    assert visitor(address="203.0.113.6").sign_in(EMAIL, PASSWORD).path == "/"


def test_one_network_of_ipv6_is_one_client(person, visitor):
    tried = [
        visitor(address=f"2001:db8::{n:x}").sign_in(f"u{n}@example.org", "x" * 12, status=None)
        for n in range(51)
    ]
    assert [page.status for page in tried] == [422] * 50 + [429]


def test_an_office_that_signs_in_is_not_locked(app, visitor):
    with building(app):
        company()
        for n in range(60):
            user(f"Person {n}", email=f"p{n}@example.org")
    for n in range(60):
        visitor().sign_in(f"p{n}@example.org", PASSWORD)


def test_parallel_tries_are_all_counted(person, app, visitor):
    people = [visitor() for _ in range(24)]
    for one in people:
        one.get("/sign-in")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda one: (
                    one.post("/sign-in", {"email": EMAIL, "password": "wrong"}, status=None).status
                ),
                people,
            )
        )
    assert sorted(answers) == [422] * 10 + [429] * 14
    with app.app_context():
        assert sorted(row.count for row in db.session.scalars(select(Throttle))) == [24, 24]


def test_forty_wrong_codes_then_the_right_one(person, app, visitor):
    """Five codes are heard; a right one after more of them is not."""
    from tests.accounts.test_second_factor import turn_on

    secret, _codes = turn_on(visitor(EMAIL))
    page = visitor().sign_in(EMAIL, PASSWORD)
    answers = []
    for _ in range(40):
        page = page.submit("Continue", {"Code": "000000"}, status=None)
        answers.append(page.status)
    assert answers == [422] * 5 + [429] * 35
    page = page.submit("Continue", {"Code": pyotp.TOTP(secret).now()}, status=429)
    # A fresh sign-in does not begin to count anew.
    page = visitor().sign_in(EMAIL, PASSWORD)
    page.submit("Continue", {"Code": pyotp.TOTP(secret).now()}, status=429)


def test_old_counts_are_tidied_away(person, app, visitor):
    for n in range(5):
        visitor().sign_in(f"u{n}@example.org", "wrong", status=422)
    with app.app_context():
        past = utcnow() - dt.timedelta(hours=1)
        db.session.execute(update(Throttle).values(last_at=past))
        db.session.commit()
    visitor().sign_in("another@example.org", "wrong", status=422)
    with app.app_context():
        assert len(db.session.scalars(select(Throttle)).all()) == 2
