"""Sessions: they end at once, everywhere, also where the cookie was copied."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from portal.accounts import operations
from portal.accounts.models import AuthSession
from portal.database import utcnow
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped
from tests.factories import PASSWORD, building, company, never_existed, user

EMAIL = "gül.kaya@example.org"


@pytest.fixture
def person(app):
    with building(app):
        company()
        return user('Gül "G" <img src=x onerror=alert(1)>', email=EMAIL)


def copied(visitor, person):
    """Return a second browser with the cookies of the first, as a thief would have it."""
    thief = visitor()
    for name, value in person.cookies().items():
        thief.client.set_cookie(name, value)
    return thief


def is_signed_in(someone) -> bool:
    return someone.get("/profile").path == "/profile"


def test_signing_out_ends_a_copied_cookie(person, visitor):
    someone = visitor(EMAIL, PASSWORD)
    thief = copied(visitor, someone)
    assert is_signed_in(thief)
    page = someone.post("/sign-out", follow=False, status=303)
    assert page.headers["Location"] == "/sign-in"
    assert page.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(someone)
    assert not is_signed_in(thief)


def test_signing_out_needs_a_form_of_the_portal(person, visitor):
    someone = visitor(EMAIL)
    someone.get("/sign-out", status=405)
    someone.send("POST", "/sign-out", status=403)
    assert is_signed_in(someone)


def test_signing_out_twice_is_signing_out(person, visitor):
    someone = visitor(EMAIL)
    someone.post("/sign-out")
    assert someone.post("/sign-out").path == "/sign-in"


def test_locking_ends_every_session(person, app, visitor):
    someone, elsewhere = visitor(EMAIL), visitor(EMAIL)
    with app.app_context(), unscoped("a test"):
        db.session.get(User, (person.company_id, person.id)).locked_at = utcnow()
        db.session.commit()
    assert (is_signed_in(someone), is_signed_in(elsewhere)) == (False, False)


def test_who_is_shut_out_stays_out_when_unlocked(person, app, visitor):
    someone = visitor(EMAIL)
    with building(app, person):
        operations.shut_out([db.session.get(User, (person.company_id, person.id))])
    assert not is_signed_in(someone)


def test_a_new_password_ends_every_other_session(person, visitor):
    someone, elsewhere = visitor(EMAIL), visitor(EMAIL)
    thief = copied(visitor, someone)
    page = someone.get("/profile").submit(
        "Change the password",
        {
            "Current password": PASSWORD,
            "New password": "zażółć gęślą jaźń",
            "New password again": "zażółć gęślą jaźń",
        },
    )
    assert page.texts(".toast span")[0] == "Your password is changed."
    assert is_signed_in(someone)
    assert (is_signed_in(elsewhere), is_signed_in(thief)) == (False, False)
    visitor().sign_in(EMAIL, PASSWORD, status=422)
    assert is_signed_in(visitor(EMAIL, "zażółć gęślą jaźń"))


def test_a_session_ends_by_itself(person, app, visitor):
    someone = visitor(EMAIL)
    with app.app_context(), unscoped("a test"):
        db.session.execute(update(AuthSession).values(expires_at=utcnow()))
        db.session.commit()
    assert not is_signed_in(someone)


def test_only_the_hash_of_the_cookie_is_kept(person, app, visitor):
    someone = visitor(EMAIL, PASSWORD)
    with app.app_context(), unscoped("a test"):
        (kept,) = db.session.scalars(select(AuthSession)).all()
    assert someone.cookies()["bulkhead"].encode() not in kept.token_hash
    assert len(kept.token_hash) == 32
    assert kept.expires_at - kept.created_at < dt.timedelta(hours=12, minutes=1)


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "a" * 100_000, "é", "null", "\x00"])
def test_an_invented_cookie_is_nobody(person, visitor, cookie):
    visitor(EMAIL)
    someone = visitor()
    page = someone.get("/profile", headers={"Cookie": f"bulkhead={cookie}"})
    assert page.path == "/sign-in"


def test_shows_and_ends_my_sessions(person, visitor):
    someone, phone = visitor(EMAIL), visitor()
    phone.headers["User-Agent"] = "Telefon <b>\u202e"
    phone.address = "203.0.113.9"
    phone.sign_in(EMAIL, PASSWORD)
    page = someone.get("/profile/sessions")
    rows = [row[:2] for row in page.rows()]
    assert rows == [["Telefon <b>", "203.0.113.9"], ["a test This browser", "127.0.0.1"]]
    page = page.submit("End")
    assert [row[:2] for row in page.rows()] == [["a test This browser", "127.0.0.1"]]
    assert (is_signed_in(someone), is_signed_in(phone)) == (True, False)


def test_names_browsers_as_people_do():
    said = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"
    assert AuthSession(device=said).browser == "Edge, Windows"
    said = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"
    assert AuthSession(device=said).browser == "Safari, iPhone"
    assert AuthSession(device="curl/8").browser == "curl/8"


def test_ends_all_others(person, visitor):
    someone, second, third = (visitor(EMAIL) for _ in range(3))
    page = someone.get("/profile/sessions").submit("End all others")
    assert len(page.rows()) == 1
    assert [is_signed_in(one) for one in (someone, second, third)] == [True, False, False]


def test_a_session_of_somebody_else_is_not_there(app, person, visitor):
    """A colleague's, another company's and one that never existed: the same 404."""
    with building(app):
        stranger = company("Other")
    with building(app, person):
        colleague = user("Colleague", email="colleague@example.org")
    visitor(stranger.email)
    visitor(colleague.email)
    with app.app_context(), unscoped("a test"):
        ids = list(db.session.scalars(select(AuthSession.id)))
    someone = visitor(EMAIL)
    answers = {
        (page.status, page.data)
        for one in (*ids, never_existed())
        for page in [someone.post(f"/profile/sessions/{one}/end", status=404)]
    }
    assert len(ids) == 2
    assert len(answers) == 1
    assert is_signed_in(visitor(stranger.email))


def test_one_select_finds_out_who_is_asking(person, app, visitor):
    from sqlalchemy import event

    someone = visitor(EMAIL)
    said = []
    with app.app_context():
        engine = db.engine

    def listener(*given):
        said.append(given[2])

    event.listen(engine, "before_cursor_execute", listener)
    someone.get("/")
    event.remove(engine, "before_cursor_execute", listener)
    # Who, and the projects; the Operator's permissions are in the code.
    assert len([one for one in said if one.startswith("SELECT")]) == 2, said
