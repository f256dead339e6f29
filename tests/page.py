"""A browser-like client that checks every page it gets.

>>> magda = visitor("magda@example.org")
>>> page = magda.get("/projects")
>>> page = page.submit("Create project", {"Name": "Łódź"})   # by label; follows redirects
>>> page.rows()                                                # whole tables, as texts
>>> magda.get("/projects/…/panel", fragment=True)              # what htmx would get

Whatever is asked for, the answer is held against the rules in :mod:`tests.page_rules`.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests import page_rules, sessions

FRAGMENT_HEADERS = {"HX-Request": "true", "HX-Request-Type": "partial"}
MOST_REDIRECTS = 5
Fields = Mapping[str, Any]


def words(text: str) -> str:
    """Return ``text`` with each run of white space as one blank."""
    return " ".join(text.split())


class Visitor:
    """A person with a browser: cookies, a language, and the rules held against every page."""

    def __init__(self, app: Flask, *, language: str = "en", address: str = "127.0.0.1") -> None:
        self.app = app
        self.client = app.test_client()
        self.headers = {"Accept-Language": language}
        self.address = address

    def get(self, url: str, *, status: int = 200, fragment: bool = False, **options: Any) -> Page:
        return self.send("GET", url, status=status, fragment=fragment, **options)

    def post(
        self, url: str, fields: Fields | None = None, *, status: int = 200, **options: Any
    ) -> Page:
        """Send a form with a valid token, as a page of this visitor would."""
        data = {"csrf_token": self.token(), **(fields or {})}
        return self.send("POST", url, data=data, status=status, **options)

    def token(self) -> str:
        """Return a token against forged requests that is good for this visitor's session."""
        with self.client.session_transaction() as session:
            secret = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(secret)

    def cookies(self) -> dict[str, str]:
        """Return the cookies by name, for a real browser to go on with."""
        jar = self.client._cookies  # werkzeug shows a cookie only to who knows its name
        return {cookie.key: cookie.value for cookie in jar.values()}

    def send(
        self,
        method: str,
        url: str,
        *,
        status: int | None = 200,
        fragment: bool = False,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Page:
        """Ask for ``url``; ``status`` is that of the last answer after redirects, None for any."""
        extra = FRAGMENT_HEADERS if fragment else {}
        response = self._open(method, url, headers={**extra, **(headers or {})}, data=data)
        page = Page(self, response, fragment)
        for _ in range(MOST_REDIRECTS):
            if not (follow and page.leads_to):
                break
            page = Page(self, self._open("GET", urljoin(page.url, page.leads_to)), fragment=False)
        if status is not None and page.status != status:
            raise AssertionError(
                f"{method} {url} answered {page.status}, not {status}: {page.text[:600]}"
            )
        return page

    def _open(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, data: Any = None
    ) -> TestResponse:
        if isinstance(data, Mapping) and not isinstance(data, MultiDict):
            data = MultiDict(data)
        response = self.client.open(
            url,
            method=method,
            headers={**self.headers, **(headers or {})},
            data=data,
            environ_base={"REMOTE_ADDR": self.address},
        )
        response.request.environ["wsgi.input"].close()  # what is sent may be in a file
        return response

    def sign_in(self, email: str, password: str | None = None, *, status: int = 200) -> Page | None:
        """Sign in on the page; without a password by a session's row, which is quicker."""
        if password is None:
            sessions.sign_in(self.app, self.client, email)
            return None
        return self.get("/sign-in").submit(
            "Sign in", {"E-mail": email, "Password": password}, status=status
        )


class Page:
    """An answer, seen as a person sees it."""

    def __init__(self, visitor: Visitor, response: TestResponse, fragment: bool) -> None:
        self.visitor = visitor
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.url = response.request.full_path.rstrip("?")
        self.fragment = fragment
        # Nobody sees the body of a redirect.
        self.is_html = response.mimetype == "text/html" and not self.leads_to
        self.body = response.get_data(as_text=True) if self.is_html else ""
        self.tree = _parsed(self.body, fragment) if self.is_html else None
        page_rules.check(self, visitor.app)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def leads_to(self) -> str | None:
        """Return where the browser goes from here by itself."""
        if self.status in (301, 302, 303, 307, 308):
            return self.headers["Location"]
        return self.headers.get("HX-Redirect")

    @property
    def data(self) -> bytes:
        return self.response.get_data()

    @property
    def text(self) -> str:
        """Return what a person reads, each run of white space as one blank."""
        if self.tree is None:
            return words(self.response.get_data(as_text=True))
        return words(self.tree.text(separator=" "))

    def all(self, selector: str) -> list[LexborNode]:
        return self.tree.css(selector) if self.tree else []

    def one(self, selector: str) -> LexborNode:
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector!r} on {self.url}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        """Return the text of each element that matches: compare the whole list."""
        return [words(node.text(separator=" ")) for node in self.all(selector)]

    @property
    def heading(self) -> str:
        return words(self.one("h1").text(separator=" "))

    def rows(self, selector: str = "table") -> list[list[str]]:
        """Return the texts of the cells of each row in the bodies of the tables that match."""
        return [
            [words(cell.text(separator=" ")) for cell in row.css("td, th")]
            for table in self.all(selector)
            for row in table.css("tbody tr")
        ]

    def link(self, text: str) -> str:
        """Return the address of the link that reads or is labelled ``text``."""
        found = {
            node.attributes["href"] or ""
            for node in self.all("a[href]")
            if text in (words(node.text(separator=" ")), node.attributes.get("aria-label"))
        }
        assert len(found) == 1, f"{len(found)} addresses of links {text!r} on {self.url}"
        return urljoin(self.url, found.pop())

    def click(self, text: str, **options: Any) -> Page:
        return self.visitor.get(self.link(text), **options)

    def errors(self) -> dict[str, str]:
        """Return the message at each field that was refused, by the field's label."""
        found = {}
        for field in self.all("[aria-invalid=true]"):
            ids = (field.attributes.get("aria-describedby") or "").split()
            messages = [self.tree.css_first(f'[id="{one}"]') for one in ids]
            found[self.label_of(field)] = " ".join(
                words(message.text(separator=" ")) for message in messages if message
            )
        return found

    def label_of(self, field: LexborNode) -> str:
        return page_rules.name_of(self.tree, field)

    def form_with(self, button: str) -> tuple[LexborNode, LexborNode]:
        """Return the form that has the button, and the button."""
        found = []
        for node in self.all("button, input[type=submit]"):
            if node.attributes.get("type") not in (None, "submit"):
                continue
            form = self._form_of(node)
            if form and page_rules.name_of(self.tree, node) == button:
                found.append((form, node))
        buttons = [page_rules.name_of(self.tree, node) for node in self.all("button")]
        assert len(found) == 1, f"{len(found)} buttons {button!r} on {self.url}, of {buttons}"
        return found[0]

    def _form_of(self, node: LexborNode) -> LexborNode | None:
        named = node.attributes.get("form")
        if named:
            return self.tree.css_first(f'form[id="{named}"]')
        while node and node.tag != "form":
            node = node.parent
        return node

    def fields_of(self, form: LexborNode) -> list[LexborNode]:
        own = form.css("input, select, textarea")
        name = form.attributes.get("id")
        elsewhere = self.all(f':is(input, select, textarea)[form="{name}"]') if name else []
        return [field for field in own if not field.attributes.get("form")] + elsewhere

    def submit(
        self, button: str, fields: Fields | None = None, *, fragment: bool = False, **options: Any
    ) -> Page:
        """Fill in the form by its labels and press its button.

        A choice is given by its text (a list of texts where several can be chosen), a box by True
        or False, a file by ``(name, bytes)``.
        """
        form, pressed = self.form_with(button)
        data = self._filled_in(form, dict(fields or {}))
        if pressed.attributes.get("name"):
            data.add(pressed.attributes["name"], pressed.attributes.get("value") or "")
        method = pressed.attributes.get("formmethod") or form.attributes.get("method") or "get"
        action = pressed.attributes.get("formaction") or form.attributes.get("action")
        url = urljoin(self.url, action or self.url)
        if method.lower() == "get":
            url, _, _ = url.partition("?")
            return self.visitor.send(
                "GET",
                f"{url}?{urlencode(list(data.items(multi=True)))}",
                fragment=fragment,
                **options,
            )
        return self.visitor.send("POST", url, data=data, fragment=fragment, **options)

    def _filled_in(self, form: LexborNode, wanted: dict[str, Any]) -> MultiDict[str, Any]:
        data: MultiDict[str, Any] = MultiDict()
        labels = []
        for field in self.fields_of(form):
            name, kind = field.attributes.get("name"), field.attributes.get("type")
            if not name or "disabled" in field.attributes:
                continue
            if kind == "hidden":
                data.add(name, field.attributes.get("value") or "")
                continue
            label = self.label_of(field)
            labels.append(label)
            for value in _values(field, kind, wanted, label):
                data.add(name, value)
        unknown = sorted(set(wanted) - set(labels))
        assert not unknown, f"no fields {unknown} on {self.url}, of {labels}"
        return data


def _parsed(body: str, fragment: bool) -> LexborHTMLParser:
    """Parse a page, or a fragment in the element that it belongs into."""
    if fragment and body.lstrip().startswith(("<tr", "<tbody")):
        body = f"<table>{body}</table>"
    return LexborHTMLParser(body, is_fragment=fragment)


def _values(field: LexborNode, kind: str | None, wanted: Fields, label: str) -> list[Any]:
    """Return what a field sends: what was wanted for its label, else what it shows."""
    attributes = field.attributes
    if kind in ("checkbox", "radio"):
        ticked = wanted.get(label, "checked" in attributes)
        return [(attributes["value"] or "") if "value" in attributes else "on"] if ticked else []
    if field.tag == "select":
        return _options(field, wanted.get(label))
    if label not in wanted:
        shown = field.text() if field.tag == "textarea" else attributes.get("value")
        return [] if kind == "file" else [shown or ""]
    value = wanted[label]
    if kind == "file":
        name, content = value
        return [(io.BytesIO(content), name)]
    return [value]


def _options(field: LexborNode, wanted: str | list[str] | None) -> list[str]:
    texts = [wanted] if isinstance(wanted, str) else wanted
    options = field.css("option")
    if texts is None:
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in field.attributes:
            chosen = options[:1]
    else:
        chosen = [option for option in options if words(option.text()) in texts]
        offered = [words(option.text()) for option in options]
        assert len(chosen) == len(texts), f"cannot choose {texts} of {offered}"
    values = [(option.attributes.get("value"), words(option.text())) for option in chosen]
    return [text if value is None else value for value, text in values]
