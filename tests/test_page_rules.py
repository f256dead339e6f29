"""The rules held against every page find what they are for."""

import pytest
from flask import Flask, Response

from tests.page import Visitor

GOOD = """<!doctype html><html lang="en"><head><title>Łódź</title></head>
<body><main><h1>Łódź</h1>{}</main></body></html>"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "HX-Request-Type",
}


@pytest.fixture
def answering():
    """Make a visitor of a site whose only page is ``body``."""

    def make(body, **headers):
        app = Flask("site")
        app.secret_key = "only-for-tests"
        app.add_url_rule("/", "page", lambda: Response(body, headers={**HEADERS, **headers}))
        return Visitor(app)

    return make


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<h1>Again</h1>", "2 h1"),
        ("<p id=a></p><p id=a></p>", "id 'a' twice"),
        ("<p style='color: red'>x</p>", "inline style"),
        ("<script>x()</script>", "inline script"),
        ("<b onclick='x()'>x</b>", "onclick on b"),
        ("<a href='javascript:x()'>x</a>", "script in href"),
        ("<img src='https://elsewhere.example/x.png' alt=''>", "img src="),
        ("<img src='/x.png'>", "image without alt"),
        ("<input name=x>", "no label: input 'x'"),
        ("<button></button>", "a button without a name"),
        ("<a href='#'>x</a>", "a link to nowhere"),
        ("<label for=lost>x</label>", "label for points to nothing: ['lost']"),
        ("<form method=post></form>", "0 tokens in the form"),
        ("<form><form></form></form>", "a form within a form"),
        ("&amp;lt;img", "leftover '&amp;lt;'"),
        ("%(count)s", "leftover '%(count)'"),
        ("<table><tr><td>None</td></tr></table>", "a cell reads None"),
        ("<img src='/static/lost.svg' alt=''>", "no such file: /static/lost.svg"),
    ],
)
def test_a_fault_of_the_content_is_found(answering, content, fault):
    with pytest.raises(AssertionError) as found:
        answering(GOOD.format(content)).get("/")

    assert fault in str(found.value)


@pytest.mark.parametrize(
    ("header", "value", "fault"),
    [
        ("Content-Security-Policy", "default-src *", "no default-src 'none' in the policy"),
        ("X-Content-Type-Options", "", "no nosniff"),
        ("Cache-Control", "max-age=60", "caches may keep it"),
        ("Vary", "Cookie", "not told apart by Vary"),
    ],
)
def test_a_fault_of_the_headers_is_found(answering, header, value, fault):
    with pytest.raises(AssertionError) as found:
        answering(GOOD.format(""), **{header: value}).get("/")

    assert fault in str(found.value)


def test_a_whole_page_is_no_fragment(answering):
    with pytest.raises(AssertionError, match="a whole page where a fragment was asked for"):
        answering(GOOD.format("")).get("/", fragment=True)


def test_a_good_page_passes(answering):
    page = answering(GOOD.format("<label>Imię <input name=x></label>")).get("/")

    assert page.heading == "Łódź"


def test_an_unexpected_status_is_a_failure_that_shows_the_page(answering):
    with pytest.raises(AssertionError, match="answered 200, not 404: Łódź"):
        answering(GOOD.format("")).get("/", status=404)
