"""Every parameter and every form of the portal, found by looking at its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.access.crawler import SAME_FIGURES, Crawl, client_of

# Fields that scripts add to the forms that stage additions and removals.
STAGED = {
    "projects.save": ["add-users", "remove-users", "add-groups", "add-queues", "remove-queues",
                      "add-phones", "remove-phones", "leave-default", "history", "seen"],
    "groups.members": ["add-user", "remove-user"],
    "roles.people": ["add-user"],
    "users.bulk_role": ["person", "role"],
    "users.bulk_lock": ["person"],
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A form that posts: where to, and what it would send as it is shown."""

    endpoint: str
    action: str
    sent: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys([*dict(self.sent), *STAGED.get(self.endpoint, [])]))


def found_by(app: Flask, email: str) -> tuple[dict[tuple[str, str], str], list[Form]]:
    """Return the parameters of all lists with a path each, and one form of each sort.

    What every report has alike is looked at with one report.
    """
    first: dict[str, str] = {}
    parameters: dict[tuple[str, str], str] = {}
    forms: dict[tuple[str, frozenset[str]], Form] = {}
    adapter = app.url_map.bind("localhost")
    for answer in Crawl(app, client_of(app, email)).from_start("/"):
        path, _, query = answer.request.url.partition("?")
        for name, _value in parse_qsl(query, keep_blank_values=True):
            alike = answer.endpoint in SAME_FIGURES
            where = first.setdefault(answer.endpoint, path) if alike else path
            parameters.setdefault((answer.endpoint, name), where)
        if answer.mimetype == "text/html" and answer.body and not query:
            for action, sent in _posts(answer.body.decode(), path):
                endpoint = adapter.match(action, method="POST")[0]
                names = frozenset(name for name, _ in sent if endpoint not in SAME_FIGURES)
                forms.setdefault((endpoint, names), Form(endpoint, action, tuple(sent)))
    return parameters, list(forms.values())


def _posts(body: str, here: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    tree = LexborHTMLParser(body)
    for form in tree.css("form[method=post]"):
        sent = [*_sent(form)]
        yield urlsplit(urljoin(here, form.attributes.get("action") or here)).path, sent
        for button in form.css("[formaction]"):
            yield urlsplit(urljoin(here, button.attributes["formaction"])).path, sent


def _sent(form: LexborNode) -> Iterator[tuple[str, str]]:
    """Yield what a browser would send of a form as it is shown, without the token."""
    for field in form.css("input[name], select[name], textarea[name]"):
        attributes, name = field.attributes, field.attributes["name"] or ""
        kind = attributes.get("type") or "text"
        if name == "csrf_token" or kind == "file":
            continue
        if field.tag == "select":
            options = field.css("option[selected]")
            if not options and "multiple" not in attributes:
                options = field.css("option")[:1]
            yield from ((name, option.attributes.get("value") or "") for option in options)
        elif kind not in ("checkbox", "radio") or "checked" in attributes:
            value = attributes.get("value")
            yield name, field.text() if field.tag == "textarea" else value or ""
