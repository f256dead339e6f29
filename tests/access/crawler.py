"""A browser that opens everything it can find: links, fragments, cards, and each filter's options.

>>> crawl = Crawl(app, client)
>>> for answer in crawl.from_start("/"): ...
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from zlib import crc32

from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.exceptions import HTTPException

from tests.page import FRAGMENT_HEADERS

# Filters are tried one at a time: all combinations of them would never end.
MOST_PARAMETERS = 1
# Drawers are opened by htmx; as pages of their own they add the list below, which is known.
MOST_DRAWER_PAGES = 2
SEARCHED = "qz"
MOST_ANSWERS = 4000
# After so many turns each report has been opened.
TURNS = 3
# These show what a report's page shows, as it was asked for there.
SAME_FIGURES = {
    *("reports.sheet", "reports.export", "reports.options", "kept.save", "kept.subscribe"),
    *("calls.choices", "exporting.start"),
}


@dataclass(frozen=True)
class Request:
    """An address, and into which element htmx would put the answer; "" for a whole page."""

    url: str
    target: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {**FRAGMENT_HEADERS, "HX-Target": self.target} if self.target else {}


@dataclass(frozen=True)
class Answer:
    request: Request
    status: int
    headers: list[tuple[str, str]]
    mimetype: str
    body: bytes
    endpoint: str


def ask(client: FlaskClient, request: Request, endpoint: str = "") -> Answer:
    response = client.get(request.url, headers=request.headers)
    with response:
        return Answer(
            request,
            response.status_code,
            list(response.headers.items()),
            response.mimetype,
            response.get_data(),
            endpoint,
        )


class Crawl:
    """Opens each address once; ``answers`` come in the order in which they were found.

    With a ``turn`` only a few of the reports are opened, others the next turn.
    """

    def __init__(self, app: Flask, client: FlaskClient, turn: int | None = None) -> None:
        self.turn = turn
        self.adapter = app.url_map.bind("localhost")
        self.client = client
        self.seen: set[Any] = set()
        self.judged: set[tuple[Request, bool]] = set()  # the same links are on most pages
        self.drawers: Counter[str] = Counter()

    def endpoint_of(self, url: str) -> str | None:
        """Return the endpoint that answers GET at ``url``; None if it leads out of the portal."""
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost"):
            return None
        try:
            return self.adapter.match(parts.path, method="GET")[0]
        except HTTPException:
            return None

    def from_start(self, *urls: str) -> Iterator[Answer]:
        waiting = deque(Request(url) for url in urls)
        self.seen.update(waiting)
        while waiting:
            request = waiting.popleft()
            endpoint = self.endpoint_of(request.url)
            assert endpoint, f"a link to nothing: {request.url}"
            answer = ask(self.client, request, endpoint)
            yield answer
            for found, is_drawer in _requests(answer):
                if (found, is_drawer) in self.judged:
                    continue
                self.judged.add((found, is_drawer))
                key = self._key(found)
                if key is None or key in self.seen or (is_drawer and self._enough(found)):
                    continue
                self.seen.add(key)
                waiting.append(found)
        assert len(self.seen) < MOST_ANSWERS, "the crawl has lost itself in filters"

    def _key(self, request: Request) -> Any:
        """Return what makes an address a new one; None if it is not worth opening.

        A query is tried once for each page with a route of its own: the lists of all kinds of
        objects are one page to us, and so are the panels of all projects.
        """
        parts = urlsplit(request.url)
        outside = parts.netloc not in ("", "localhost") or parts.scheme in ("mailto", "tel")
        if outside or parts.path.startswith("/static/"):
            return None
        query, endpoint = parts.query, self.endpoint_of(request.url)
        if len(parse_qsl(query)) > MOST_PARAMETERS or self._is_left_out(parts.path):
            return None
        if query.startswith("sort=") or endpoint in SAME_FIGURES:
            query = query.partition("=")[0]
        if endpoint == "reports.options":  # the same ones for every report
            return parts.path.rpartition("/")[2], query, request.target
        return (endpoint, query, request.target) if query else request

    def _is_left_out(self, path: str) -> bool:
        with suppress(HTTPException):
            report = self.adapter.match(path, method="GET")[1].get("report")
            if self.turn is not None and report is not None:
                return crc32(report.name.encode()) % TURNS != self.turn % TURNS
        return False

    def _enough(self, request: Request) -> bool:
        endpoint = self.endpoint_of(request.url) or ""
        self.drawers[endpoint] += 1
        return self.drawers[endpoint] > MOST_DRAWER_PAGES


def _requests(answer: Answer) -> Iterator[tuple[Request, bool]]:
    """Yield what a person could open from an answer, and whether it is a drawer as a page."""
    here = answer.request.url
    for name, value in answer.headers:
        if name in ("Location", "HX-Redirect"):
            yield Request(_path(here, value)), False
    if answer.mimetype != "text/html" or not answer.body:
        return
    tree = LexborHTMLParser(answer.body.decode())
    for node in tree.css("[hx-get]:not(form)"):
        url = _path(here, node.attributes["hx-get"] or "")
        yield Request(url, _target(tree, node)), False
    for node in tree.css("a[href]"):
        url = _path(here, node.attributes["href"] or "")
        yield Request(url), node.attributes.get("hx-target") == "#drawer-host"
    for node in tree.css("[data-live]"):
        yield Request(_path(here, node.attributes["data-live"] or "")), False
    for node in tree.css("[data-card]"):
        yield Request(_path(here, node.attributes["data-card"] or ""), "div#card"), False
    if "?" not in here:
        for form in tree.css("form"):
            if (form.attributes.get("method") or "get").lower() == "get":
                yield from ((request, False) for request in _choices(tree, form, here))


def _path(here: str, link: str) -> str:
    """Return where a link of a page leads to; without the host if that is the portal's."""
    if link.startswith("/") and not link.startswith("//") and "#" not in link:
        return link
    url = urljoin(here, link)
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        return url
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _target(tree: LexborHTMLParser, node: LexborNode) -> str:
    """Return the element that htmx would name: its tag and id."""
    wanted = node.attributes.get("hx-target") or ""
    if not wanted.startswith("#"):
        return "tr#more"
    found = tree.css_first(wanted)
    return f"{found.tag if found else 'div'}{wanted}"


def _choices(tree: LexborHTMLParser, form: LexborNode, here: str) -> Iterator[Request]:
    """Yield the form with each of its choices made once, with what it sends besides."""
    action = urljoin(here, form.attributes.get("action") or here).partition("?")[0]
    target = _target(tree, form) if "hx-get" in form.attributes else ""
    for name, value in _values(form):
        query = urlencode([(name, value)])
        yield Request(_path(here, f"{action}?{query}"))
        if target and name == "q":
            yield Request(_path(here, f"{action}?{query}"), target)


def _values(form: LexborNode) -> Iterator[tuple[str, str]]:
    for field in form.css("input[name], select[name]"):
        name = field.attributes["name"] or ""
        kind = field.attributes.get("type") or "text"
        if field.tag == "select":
            yield from ((name, option) for option in _options(field))
        elif kind in ("checkbox", "radio"):
            yield name, field.attributes.get("value") or "on"
        elif kind in ("text", "search"):
            yield name, SEARCHED


def _options(select: LexborNode) -> Iterable[str]:
    return [option.attributes.get("value") or "" for option in select.css("option")]


def client_of(app: Flask, email: str | None) -> FlaskClient:
    """Return a browser that is signed in as this person; as nobody without an address."""
    from tests import sessions

    client: Any = app.test_client()
    if email:
        sessions.sign_in(app, client, email)
    return client
