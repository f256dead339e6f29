"""One's own profile, the start page, the language and the demo's sign-ins."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped
from tests.factories import PASSWORD, building, company, project, role, user

EMAIL = "ipek@example.org"


@pytest.fixture
def person(app):
    with building(app):
        company()
        return user("İpek Yıldız", email=EMAIL)


def kept(app) -> User:
    with app.app_context(), unscoped("a test"):
        return db.session.scalars(select(User).where(User.email == EMAIL)).one()


def test_name_language_and_zone_are_mine_to_change(person, app, visitor):
    name = '"Ipek" <img src=x onerror=alert(1)> =1+1 Żółć'
    page = visitor(EMAIL).get("/profile")
    page = page.submit("Save", {"Name": name, "Language": "Türkçe", "Time zone": "Asia/Tokyo"})
    assert page.one("html").attributes["lang"] == "tr"
    row = kept(app)
    assert (row.name, row.language, row.timezone) == (name, "tr", "Asia/Tokyo")
    assert row.name_key == '"ipek" <img src=x onerror=alert(1)> =1+1 żółć'


def test_what_is_not_mine_to_change_stays(person, app, visitor):
    fields = {
        "name": "İpek",
        "language": "",
        "timezone": "",
        "email": "other@example.org",
        "role_id": "01900000-0000-7000-8000-000000000000",
        "company_id": "999",
        "password_hash": "x",
        "locked_at": "2026-01-01",
    }
    before = kept(app)
    visitor(EMAIL).post("/profile", fields)
    after = kept(app)
    for field in ("email", "role_id", "company_id", "password_hash", "locked_at", "id"):
        assert getattr(after, field) == getattr(before, field), field


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\u202eb"},
        {"name": "a\x00b"},
        {"language": "xx"},
        {"timezone": "Europe/Nowhere"},
        {"timezone": "../etc/passwd"},
    ],
)
def test_a_wrong_value_is_told_at_its_field(person, app, visitor, wrong):
    fields = {"name": "Changed", "language": "", "timezone": ""} | wrong
    page = visitor(EMAIL).post("/profile", fields, status=422)
    assert len(page.texts(".err")) == 1
    assert kept(app).name == "İpek Yıldız"


def test_the_current_password_is_asked_for(person, app, visitor):
    new = {"New password": "yepyeni bir söz", "New password again": "yepyeni bir söz"}
    page = visitor(EMAIL).get("/profile")
    page = page.submit("Change the password", {"Current password": "wrong", **new}, status=422)
    assert page.texts(".err") == ["The password is wrong."]
    for _ in range(10):
        page = page.submit("Change the password", {"Current password": "x", **new}, status=None)
    assert page.status == 429


def test_who_is_in_no_project_reads_why(person, visitor):
    page = visitor(EMAIL).get("/")
    assert page.heading == "There is nothing here for you yet"
    assert "You are not in any project yet." in page.text


def test_who_may_nothing_reads_why(person, app, visitor):
    with building(app, person):
        user("Nothing", email="n@example.org", role=role("Nothing"), projects=[project("A")])
    assert "Your role does not open any section yet." in visitor("n@example.org").get("/").text


def test_the_start_page_is_the_first_section_that_one_may_open(person, app, visitor):
    with building(app, person):
        people = role("People", Permission.MANAGE_PEOPLE)
        user("Hr", email="hr@example.org", role=people)
        user("Lead", email="op@example.org", role="supervisor", projects=[project("A")])
    for email in ("hr@example.org", "op@example.org"):
        page = visitor(email).get("/", follow=False, status=303)
        first = visitor(email).get("/profile").all("nav.side a.navlink")[0]
        assert page.headers["Location"] == first.attributes["href"]


def test_nobody_is_asked_to_sign_in(visitor):
    assert visitor().get("/").url == "/sign-in"


def test_the_language_is_chosen_by_a_button(person, app, visitor):
    someone = visitor()
    page = someone.get("/forgot")
    headers = {"Referer": "http://localhost/forgot?x=1"}
    page = someone.post("/language", {"language": "pl"}, headers=headers)
    assert (page.url, page.one("html").attributes["lang"]) == ("/forgot?x=1", "pl")
    assert someone.get("/sign-in").one("html").attributes["lang"] == "pl"
    assert kept(app).language is None
    known = visitor(EMAIL)
    assert known.post("/language", {"language": "tr"}).one("html").attributes["lang"] == "tr"
    assert kept(app).language == "tr"


@pytest.mark.parametrize("language", ["", "xx", "EN", "pl\r\nX: y", "../pl"])
def test_a_language_that_is_not_there_is_refused(visitor, language):
    visitor().post("/language", {"language": language}, status=422)


@pytest.mark.parametrize(
    "given",
    [
        {"next": "//evil.example"},
        {"next": "https://evil.example"},
        {"next": "/\\evil.example"},
    ],
)
def test_choosing_a_language_leads_nowhere_else(person, visitor, given):
    someone = visitor(EMAIL)
    headers = {"Referer": "http://evil.example/forgot"}
    page = someone.post(
        "/language", {"language": "pl", **given}, headers=headers, follow=False, status=303
    )
    assert page.headers["Location"] == "/"


def test_the_demo_shows_its_sign_ins_and_others_do_not(person, app, visitor):
    shown = [("Operator <b> of one project", EMAIL, PASSWORD)]
    app.config["DEMO_SIGN_INS"] = shown
    assert visitor().get("/sign-in").all(".sign-ins") == []
    app.config["DEMO"] = True
    page = visitor().get("/sign-in")
    assert page.texts(".sign-ins li .t p") == ["Operator <b> of one project", EMAIL, PASSWORD]
    assert page.submit("Enter Operator <b> of one project").path == "/"
