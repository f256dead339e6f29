"""Mailed links: single use, of one person, to the stored address, built from the configuration."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select, update

from portal.accounts import operations
from portal.accounts.models import AddressEvent, Mail, OneTimeToken
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped
from tests.factories import PASSWORD, building, company, user

EMAIL = "Zażółć.Gęślą@example.org"
NEW = "ein ganz neues Wort"
LINK = re.compile(r"http://localhost(/choose-password/\S+)")


@pytest.fixture
def person(app):
    with building(app):
        company('Brannova "A" & <b>')
        return user("Gęślą <img src=x onerror=alert(1)>", email=EMAIL, language="pl")


def mails(app) -> list[tuple[str, str]]:
    """Return recipient and body of the mails in the outbox, in order."""
    with app.app_context():
        rows = db.session.scalars(select(Mail).order_by(Mail.id)).all()
        return [(row.recipient, row.body) for row in rows]


def link_in(body: str) -> str:
    (found,) = LINK.findall(body)
    return found


def ask(visitor, email: str):
    return visitor().get("/forgot").submit("Send the link", {"E-mail": email})


def choose(visitor, link: str, password: str = NEW, status: int = 200):
    return (
        visitor()
        .get(link)
        .submit(
            "Save the password",
            {"New password": password, "New password again": password},
            status=status,
        )
    )


def invited(app, of: User, **options) -> User:
    with building(app, of):
        person = user("New <b>", invited=True, **options)
        actor = db.session.get(User, (of.company_id, of.id))
        operations.invite(person, actor=actor)
        return person


def test_a_forgotten_password_is_chosen_anew(person, app, visitor):
    elsewhere = visitor(EMAIL)
    page = ask(visitor, "ZAŻÓŁĆ.GĘŚLĄ@EXAMPLE.ORG")
    assert page.heading == "Look into your mailbox"
    ((recipient, body),) = mails(app)
    assert recipient == EMAIL
    assert "Gęślą <img src=x onerror=alert(1)>" in body
    assert 'Brannova "A" & <b>' in body
    assert choose(visitor, link_in(body)).heading == "Your password is set"
    assert elsewhere.get("/profile").path == "/sign-in"
    visitor().sign_in(EMAIL, PASSWORD, status=422)
    assert visitor(EMAIL, NEW).get("/profile").path == "/profile"


def test_looking_at_a_link_does_not_use_it(person, app, visitor):
    ask(visitor, EMAIL)
    link = link_in(mails(app)[0][1])
    for _ in range(3):
        assert visitor().get(link).heading == "Choose a password"
        assert visitor().client.head(link).status_code == 200
    choose(visitor, link)


def test_a_link_works_once(person, app, visitor):
    ask(visitor, EMAIL)
    link = link_in(mails(app)[0][1])
    page = visitor().get(link)
    choose(visitor, link)
    assert visitor().get(link, status=404).heading == "This link has ended"
    fields = {"New password": PASSWORD, "New password again": PASSWORD}
    page.submit("Save the password", fields, status=404)
    visitor(EMAIL, NEW)


def test_a_refused_password_does_not_use_it(person, app, visitor):
    ask(visitor, EMAIL)
    link = link_in(mails(app)[0][1])
    page = visitor().get(link)
    assert page.submit("Save the password", status=422).texts(".err") == ["This is needed."] * 2
    different = {"New password": NEW, "New password again": NEW + "x"}
    page = page.submit("Save the password", different, status=422)
    assert page.texts(".err") == ["This is not the same password."]
    for weak in ("short", "password123", "1111111111", EMAIL.upper(), "Qwerty1234567"):
        page = choose(visitor, link, weak, status=422)
        assert len(page.texts(".err")) == 1, weak
    choose(visitor, link)


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "ü", ".."])
def test_a_link_that_never_existed_is_one_that_has_ended(person, app, visitor, token):
    assert visitor().get(f"/choose-password/{token}", status=404).heading == "This link has ended"


def test_a_link_ends_by_itself_and_with_a_newer_one(person, app, visitor):
    ask(visitor, EMAIL)
    ask(visitor, EMAIL)
    older, newer = (link_in(body) for _, body in mails(app))
    visitor().get(older, status=404)
    visitor().get(newer)
    with app.app_context(), unscoped("a test"):
        (kept,) = db.session.scalars(select(OneTimeToken)).all()
        assert kept.expires_at - kept.created_at <= dt.timedelta(hours=2)
        assert newer.rpartition("/")[2].encode() not in kept.token_hash
        db.session.execute(update(OneTimeToken).values(expires_at=utcnow()))
        db.session.commit()
    visitor().get(newer, status=404)


def test_a_link_of_who_was_locked_has_ended(person, app, visitor):
    ask(visitor, EMAIL)
    with app.app_context(), unscoped("a test"):
        db.session.get(User, (person.company_id, person.id)).locked_at = utcnow()
        db.session.commit()
    visitor().get(link_in(mails(app)[0][1]), status=404)


def test_nobody_learns_which_addresses_are_known(person, app, visitor):
    with building(app, person):
        user("Locked", email="locked@example.org", locked=True)
    answers = set()
    for email in (EMAIL, "nobody@example.org", "locked@example.org", "zażółć.gęślą@example.org"):
        page = visitor().post("/forgot", {"email": email}, follow=False, status=303)
        answers.add((page.headers["Location"], page.data))
    assert len(answers) == 1
    assert [recipient for recipient, _ in mails(app)] == [EMAIL, EMAIL]
    with app.app_context():
        assert db.session.scalars(select(AddressEvent)).all() == []


def test_the_same_statements_for_known_and_unknown_addresses(person, app, visitor, monkeypatch):
    """What is mailed is found out after the answer."""
    from sqlalchemy import event

    from portal.accounts import afterwards

    monkeypatch.setattr(afterwards, "run", lambda app: None)
    said: list[str] = []
    with app.app_context():
        engine = db.engine

    def listener(*given):
        said.append(given[2])

    event.listen(engine, "before_cursor_execute", listener)
    found = []
    for email in (EMAIL, "nobody@example.org"):
        said.clear()
        visitor().post("/forgot", {"email": email}, follow=False, status=303)
        found.append(list(said))
    event.remove(engine, "before_cursor_execute", listener)
    assert found[0] == found[1]
    assert found[0]


def test_a_mailbox_is_not_flooded(person, app, visitor):
    answers = [
        visitor().post("/forgot", {"email": EMAIL}, follow=False, status=None).status
        for _ in range(8)
    ]
    assert answers == [303] * 5 + [429] * 3
    assert len(mails(app)) == 5


def test_the_host_header_is_not_in_the_mail(person, app):
    client, evil = app.test_client(), {"base_url": "http://evil.example"}
    page = client.get("/forgot", **evil).get_data(as_text=True)
    token = re.search('csrf_token" value="([^"]+)"', page)[1]
    answer = client.post("/forgot", data={"email": EMAIL, "csrf_token": token}, **evil)
    assert answer.status_code == 303
    ((_, body),) = mails(app)
    assert "evil" not in body
    assert link_in(body)


def test_one_address_in_two_companies_gets_a_link_for_each(app, visitor):
    for name in ("Brannova", "Other"):
        with building(app):
            company(name)
            user("Ola", email="ola@example.org")
    ask(visitor, "ola@example.org")
    (_, first), (_, second) = mails(app)
    assert ["Brannova" in first, "Other" in second] == [True, True]
    choose(visitor, link_in(first))
    page = visitor().sign_in("ola@example.org", NEW)
    assert page.texts(".company b")[0] == "Brannova"


def test_an_invited_person_chooses_a_password(person, app, visitor):
    new = invited(app, person, email="new@example.org", language="tr")
    ((recipient, body),) = mails(app)
    assert recipient == "new@example.org"
    assert "Gęślą <img src=x onerror=alert(1)>" in body
    page = visitor().get(link_in(body))
    assert "new@example.org" in page.text
    choose(visitor, link_in(body))
    assert visitor("new@example.org", NEW).get("/profile").path == "/profile"
    with building(app, person):
        row = db.session.get(User, (new.company_id, new.id))
        assert row.invited_at is not None
        assert row.state == "active"
        with pytest.raises(RefusedError):
            operations.invite(row, actor=row)


def test_a_second_invitation_ends_the_first(person, app, visitor):
    new = invited(app, person, email="new@example.org")
    with building(app, person):
        operations.invite(db.session.get(User, (new.company_id, new.id)), actor=None)
    first, second = (link_in(body) for _, body in mails(app))
    visitor().get(first, status=404)
    visitor().get(second)


def test_nothing_is_mailed_when_the_invitation_fails(person, app):
    with building(app, person):
        new = user("New", email="new@example.org", invited=True)
        operations.invite(new, actor=None)
        db.session.rollback()
    assert mails(app) == []
