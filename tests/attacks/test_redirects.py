"""Nobody is led out of the portal, and no address in it is made of what a request claims."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import pytest

from tests.access.browsers import browser
from tests.factories import PASSWORD

OUT = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "/%09/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://localhost@evil.example/",
    "http://localhost:80@evil.example/",
    "//localhost.evil.example/",
    "/\u2028/evil.example",
    "/" + "a" * 5000,
]
BASE = "http://localhost/somewhere"


def as_browsers_do(location: str) -> str:
    """Return the host that a browser would go to: it drops tabs and turns backslashes around."""
    cleaned = location.strip().replace("\t", "").replace("\n", "").replace("\r", "")
    return urlsplit(urljoin(BASE, cleaned.replace("\\", "/"))).netloc


def leads(response) -> list[str]:
    headers = response.headers
    return [headers[name] for name in ("Location", "HX-Redirect") if name in headers]


@pytest.mark.parametrize("address", OUT)
def test_nobody_is_led_away(app, world, address):
    email = world.people["supervisor of a"].email
    nobody, somebody = browser(app, None), browser(app, email)
    sign_in = {"email": email, "password": PASSWORD, "csrf_token": nobody.token}
    language = {"language": "pl", "next": address}
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": quote(address)}
    answers = [
        nobody.open("POST", f"/sign-in?next={quote(address)}", data=sign_in),
        somebody.open("GET", f"/sign-in?next={quote(address)}"),
        nobody.open("POST", "/language", data={**language, "csrf_token": nobody.token}),
        nobody.open("GET", "/users", headers=htmx),
        somebody.open(
            "POST",
            "/language",
            data={"language": "tr", "csrf_token": somebody.token},
            headers={**htmx, "Referer": quote(address)},
        ),
    ]
    found = [place for answer in answers for place in leads(answer)]
    assert len(found) == len(answers)
    assert {as_browsers_do(place) for place in found} == {"localhost"}
    nexts = [value for place in found for _, value in parse_qsl(urlsplit(place).query)]
    assert {as_browsers_do(place) for place in nexts} <= {"localhost"}


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Original-URL", "Forwarded"])
def test_no_page_believes_the_host(app, world, header):
    claims = {"Forwarded": "host=evil.example", "X-Original-URL": "/settings"}
    headers = {header: claims.get(header, "evil.example")}
    somebody = browser(app, world.people["admin"].email)
    for url in ("/", "/sign-in", "/users", "/nothing", "/projects", "/forgot"):
        answer = somebody.open("GET", url, headers=headers)
        assert "evil.example" not in answer.text, url
        assert "evil.example" not in repr(answer.headers), url


def test_only_trusted_hosts_are_answered(app, world):
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    somebody = browser(app, world.people["admin"].email)
    assert somebody.open("GET", "/users").status_code == 200
    assert somebody.open("GET", "/users", headers={"Host": "evil.example"}).status_code == 400
