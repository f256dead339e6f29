"""Signing in: who gets in, what a refusal betrays, and where it leads."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from portal.accounts import passwords
from tests.factories import PASSWORD, building, company, user

HOSTILE = '"><img src=x onerror=alert(1)>=1+1@example.org'


def body(page) -> str:
    """Return the page without what differs from one request to the next."""
    return re.sub(r'(csrf_token" value=|X-CSRF-Token": ?)"[^"]+"', "", page.body)


@pytest.fixture
def people(app):
    """Found a company with its Admin, an operator, one who is locked and one who is invited."""
    with building(app):
        company()
        user("Łucja Żółć", email="Łucja.Żółć@example.org")
        user("Locked", email="locked@example.org", locked=True)
        user("Invited", email="invited@example.org", invited=True)


def test_signs_in_by_any_form_of_the_address(people, visitor):
    someone = visitor(" ŁUCJA.ŻÓŁĆ@EXAMPLE.ORG ", PASSWORD)
    assert someone.get("/profile").heading == "Profile"
    assert visitor("Łucja.Żółć@example.org").get("/profile").heading == "Profile"


def test_keeps_dotless_and_dotted_i_apart(app, visitor):
    with building(app):
        company()
        user("Işıl", email="ışıl@example.org")
        user("Other", email="işil@example.org")
    page = visitor("ışıl@example.org", PASSWORD).get("/profile")
    assert page.one("#name").attributes["value"] == "Işıl"
    page = visitor("işil@example.org", PASSWORD).get("/profile")
    assert page.one("#name").attributes["value"] == "Other"


def test_answers_alike_whoever_it_is_not(people, visitor):
    """Wrong password, unknown, locked and invited: the same page, byte for byte."""
    pages = []
    for email in ("Łucja.Żółć@example.org", "nobody@example.org", HOSTILE):
        page = visitor().sign_in(email, "not the password", status=422)
        echoed = page.one("#email").attributes["value"]
        assert echoed == email
        pages.append(re.sub(r'(<input[^>]* id="email"[^>]*) value="[^"]*"', r"\1", body(page)))
    for email in ("locked@example.org", "invited@example.org"):
        page = visitor().sign_in(email, PASSWORD, status=422)
        pages.append(re.sub(r'(<input[^>]* id="email"[^>]*) value="[^"]*"', r"\1", body(page)))
    assert set(pages) == {pages[0]}
    assert "The e-mail or the password is wrong." in page.text


def test_does_the_same_work_whoever_it_is(app, visitor, monkeypatch):
    """One, none or two accounts with an address: as many hashes are checked."""
    with building(app):
        company("Brannova")
        user("One", email="one@example.org")
        user("Twice", email="twice@example.org")
        user("Locked", email="locked@example.org", locked=True)
        user("Invited", email="invited@example.org", invited=True)
        company("Other")
        user("Twice", email="twice@example.org")
    counted = []
    verify = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *given: counted.append(1) or verify(*given))
    work = {}
    for name in ("one", "twice", "locked", "invited", "nobody"):
        counted.clear()
        visitor().sign_in(f"{name}@example.org", "not the password", status=422)
        work[name] = len(counted)
    assert work == dict.fromkeys(("one", "twice", "locked", "invited", "nobody"), 2)


def test_asks_which_company_is_meant(app, visitor):
    with building(app):
        company("Brannova")
        user("Ola", email="ola@example.org")
    with building(app):
        company('Çağrı "A" & <b>')
        user("Ola", email="OLA@example.org")
    page = visitor().sign_in("ola@example.org", PASSWORD)
    assert page.texts("main ul button") == ["Brannova", 'Çağrı "A" & <b>']
    page = page.submit('Çağrı "A" & <b>')
    assert page.texts(".company b")[0] == 'Çağrı "A" & <b>'


def test_a_chosen_company_must_be_one_of_those_that_were_asked_for(app, visitor):
    with building(app):
        admin = company("Brannova")
        user("Ola", email="ola@example.org")
    with building(app):
        company("Other")
        user("Ola", email="ola@example.org")
    someone = visitor()
    someone.sign_in("ola@example.org", PASSWORD)
    page = someone.post("/sign-in/company", {"person": str(admin.id)})
    assert page.path == "/sign-in"


def test_leads_on_to_the_page_that_was_wanted(people, visitor):
    someone = visitor()
    page = someone.get("/profile/sessions?of=me")
    assert page.url == "/sign-in?next=/profile/sessions?of%3Dme"
    page = page.submit("Sign in", {"E-mail": "łucja.żółć@example.org", "Password": PASSWORD})
    assert page.url == "/profile/sessions?of=me"


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\r\nLocation: //evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/\u2028/evil.example",
        "/" + "a" * 3000,
    ],
)
def test_leads_nowhere_else(people, visitor, address):
    someone = visitor()
    page = someone.post(
        "/sign-in?" + urlencode({"next": address}),
        {"email": "łucja.żółć@example.org", "password": PASSWORD},
        follow=False,
        status=303,
    )
    assert page.headers["Location"] == "/"


def test_htmx_is_led_to_the_whole_page(people, visitor):
    page = visitor().get(
        "/profile/sessions",
        fragment=True,
        follow=False,
        status=401,
        headers={"HX-Current-URL": "http://localhost/profile"},
    )
    assert page.headers["HX-Redirect"] == "/sign-in?next=/profile"


@pytest.mark.parametrize("address", ["http://evil.example/x", "http://localhost//evil", "//", "["])
def test_the_current_url_of_htmx_leads_nowhere_else(people, visitor, address):
    page = visitor().get(
        "/profile",
        fragment=True,
        follow=False,
        status=401,
        headers={"HX-Current-URL": address},
    )
    assert page.headers["HX-Redirect"] == "/sign-in"


def test_needs_both_fields_and_takes_no_control_characters(people, visitor):
    page = visitor().sign_in("", "", status=422)
    assert page.texts(".err") == ["This is needed.", "This is needed."]
    page = visitor().sign_in("a\x00b@example.org", "x" * 201, status=422)
    assert page.texts(".err") == [
        "This text contains characters that cannot be shown safely.",
        "At most 200 characters.",
    ]


def test_needs_a_token_of_this_browser(people, app, visitor):
    fields = {"email": "łucja.żółć@example.org", "password": PASSWORD}
    someone, another = visitor(), visitor()
    another.get("/sign-in")
    someone.send("POST", "/sign-in", data=fields, status=403)
    token = {"csrf_token": another.token()}
    someone.send("POST", "/sign-in", data=fields | token, status=403)
    assert "bulkhead" not in someone.cookies()


def test_the_cookie_is_for_the_browser_only(people, visitor, make_app):
    page = visitor().post(
        "/sign-in",
        {"email": "łucja.żółć@example.org", "password": PASSWORD},
        follow=False,
        status=303,
    )
    cookie = next(c for c in page.headers.getlist("Set-Cookie") if c.startswith("bulkhead="))
    name_and_token, *manners = cookie.split("; ")
    assert len(name_and_token.partition("=")[2]) == 43  # 256 bits
    assert sorted(m for m in manners if not m.startswith(("Expires", "Max-Age"))) == [
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
    ]


def test_with_https_the_cookie_is_of_this_host_and_secure(people, make_app):
    client, site = (
        make_app(BASE_URL="https://portal.example.org").test_client(),
        {"base_url": "https://portal.example.org"},
    )
    page = client.get("/sign-in", **site).get_data(as_text=True)
    answer = client.post(
        "/sign-in",
        headers={"Referer": "https://portal.example.org/sign-in"},
        data={
            "email": "łucja.żółć@example.org",
            "password": PASSWORD,
            "csrf_token": re.search('csrf_token" value="([^"]+)"', page)[1],
        },
        **site,
    )
    assert answer.status_code == 303
    (cookie,) = (c for c in answer.headers.getlist("Set-Cookie") if "__Host-bulkhead=" in c)
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))


def test_the_form_session_starts_over_at_signing_in(people, visitor):
    someone = visitor()
    someone.get("/sign-in")
    before = someone.token()
    someone.sign_in("łucja.żółć@example.org", PASSWORD)
    someone.send("POST", "/language", data={"language": "pl", "csrf_token": before}, status=403)


def test_a_signed_in_person_is_not_asked_again(people, visitor):
    someone = visitor("łucja.żółć@example.org", PASSWORD)
    assert someone.get("/sign-in?next=/profile").path == "/profile"
    assert someone.get("/sign-in?next=//evil.example").path == "/"
