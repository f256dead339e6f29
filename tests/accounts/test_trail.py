"""What the trail says of accounts: who came and went, what was refused; never a secret."""

from __future__ import annotations

import json

import pyotp
import pytest
from sqlalchemy import select

from portal.audit import trail
from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.accounts.test_second_factor import clock, turn_on, with_code  # noqa: F401  # a fixture
from tests.factories import PASSWORD, building, company, user

EMAIL = "şükrü@example.org"
NEW = "zażółć gęślą jaźń"


@pytest.fixture
def person(app):
    with building(app):
        company()
        person = user("Şükrü <b>", email=EMAIL)
    with app.app_context(), unscoped("a test"):
        person.seen = len(db.session.scalars(select(AuditEntry)).all())
    return person


def said(app, person) -> list[tuple[str, str, str]]:
    """Return actor, action and thing of the entries since the company was made."""
    with app.app_context(), unscoped("a test"):
        rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        assert trail.verify(person.company_id)[1] is None
        found = [(row.actor_name, row.action, row.object_name) for row in rows[person.seen :]]
        secret = json.dumps([[r.before, r.after, r.detail] for r in rows], default=str)
    assert "argon2" not in secret
    assert PASSWORD not in secret
    assert NEW not in secret
    return found


ME = "Şükrü <b>"


def test_coming_and_going(app, person, visitor):
    someone = visitor(EMAIL, PASSWORD)
    someone.post("/sign-out")
    assert said(app, person) == [(ME, "signed_in", ME), (ME, "signed_out", ME)]


def test_refused_attempts_on_known_addresses(app, person, visitor):
    for n in range(12):
        visitor(address="203.0.113.9").sign_in(EMAIL, f"wrong {n}", status=None)
    visitor().sign_in("nobody@example.org", "wrong", status=422)
    refused = [("System", "sign_in_refused", ME)] * 10
    assert said(app, person) == [*refused, ("System", "sign_in_locked", ME)]
    with app.app_context(), unscoped("a test"):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
        assert entries.one().detail == {"address": "203.0.113.9"}


def test_passwords(app, person, visitor):
    someone = visitor(EMAIL)
    fields = {"Current password": "wrong", "New password": NEW, "New password again": NEW}
    page = someone.get("/profile").submit("Change the password", fields, status=422)
    page.submit("Change the password", fields | {"Current password": PASSWORD})
    assert said(app, person) == [("System", "sign_in_refused", ME), (ME, "password_changed", ME)]


def test_a_link(app, person, visitor):
    visitor().post("/forgot", {"email": EMAIL})
    from tests.accounts.test_links import choose, link_in, mails

    choose(visitor, link_in(mails(app)[0][1]), NEW)
    assert said(app, person) == [("System", "reset_asked", ME), (ME, "password_changed", ME)]


def test_the_second_factor(app, person, clock, visitor):  # noqa: F811  # the fixture
    someone = visitor(EMAIL)
    secret, _ = turn_on(someone)
    with_code(visitor, "000000", status=422)
    with_code(visitor, pyotp.TOTP(secret).at(clock(30)))
    someone.get("/profile/second-factor").submit("New recovery codes", {"Password": PASSWORD})
    someone.get("/profile/second-factor").submit("Turn it off", {"Password": PASSWORD})
    assert said(app, person) == [
        (ME, "second_factor_on", ME),
        ("System", "code_refused", ME),
        (ME, "signed_in", ME),
        (ME, "recovery_codes_renewed", ME),
        (ME, "second_factor_off", ME),
    ]
