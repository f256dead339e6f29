"""The rules that every answer of the portal keeps; a page that breaks one fails its test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from selectolax.lexbor import LexborHTMLParser, LexborNode

if TYPE_CHECKING:
    from tests.page import Page

POLICY_PARTS = ("default-src 'none'", "script-src 'self'", "style-src 'self'")
# What shows that a value or a translation was put together wrongly.
LEFTOVERS = re.compile(
    r"%\(\w+\)|\{\{|\{%|\bundefined\b|&amp;(?:lt|gt|amp|quot|#\d+);|<object at 0x"
)
LABELLED = "input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea"
POINTERS = ("for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls")


def check(page: Page, app: Flask) -> None:
    """Raise an AssertionError that names everything wrong with ``page``."""
    faults = list(_headers(page))
    if page.is_html and page.body:
        faults += _document(page) if not page.fragment else _fragment(page)
        faults += _content(page, app)
    assert not faults, f"{page.url} ({page.status}): " + "; ".join(faults)


def name_of(tree: LexborHTMLParser, node: LexborNode) -> str:
    """Return the accessible name of a field or a button, near enough."""
    attributes = node.attributes
    if attributes.get("aria-label"):
        return _words(attributes["aria-label"])
    if attributes.get("aria-labelledby"):
        named = [tree.css_first(f'[id="{one}"]') for one in attributes["aria-labelledby"].split()]
        return _words(" ".join(one.text(separator=" ") for one in named if one))
    if node.tag == "button":
        return _words(node.text(separator=" ")) or attributes.get("title") or ""
    if attributes.get("id"):
        label = tree.css_first(f'label[for="{attributes["id"]}"]')
        if label:
            return _words(label.text(separator=" "))
    around = node.parent
    while around and around.tag != "label":
        around = around.parent
    if around:
        return _words(around.text(separator=" "))
    return attributes.get("value") or "" if attributes.get("type") == "submit" else ""


def _words(text: str) -> str:
    return " ".join(text.split())


def _headers(page: Page) -> Iterator[str]:
    policy = page.headers.get("Content-Security-Policy", "")
    yield from (f"no {part} in the policy" for part in POLICY_PARTS if part not in policy)
    if "unsafe" in policy:
        yield "the policy allows unsafe things"
    if page.headers.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if page.is_html:
        if "no-store" not in page.headers.get("Cache-Control", ""):
            yield "caches may keep it"
        if "HX-Request-Type" not in page.headers.get("Vary", ""):
            yield "page and fragment are not told apart by Vary"


def _document(page: Page) -> Iterator[str]:
    if not page.body.lstrip().lower().startswith("<!doctype html>"):
        yield "no doctype"
    html = page.tree.css_first("html")
    if html is None or html.attributes.get("lang") not in ("en", "pl", "tr"):
        yield "no language"
    headings = len(page.tree.css("h1"))
    if headings != 1:
        yield f"{headings} h1"
    title = page.tree.css_first("title")
    if title is None or not title.text(strip=True):
        yield "no title"
    if len(page.tree.css("main")) != 1:
        yield "not one main"
    ids = {node.attributes["id"] for node in page.tree.css("[id]")}
    for attribute in POINTERS:
        for node in page.tree.css(f"[{attribute}]"):
            lost = set((node.attributes[attribute] or "").split()) - ids
            if lost:
                yield f"{node.tag} {attribute} points to nothing: {sorted(lost)}"


def _fragment(page: Page) -> Iterator[str]:
    if re.search(r"<(!doctype|html|body|head)\b", page.body, re.IGNORECASE):
        yield "a whole page where a fragment was asked for"


def _content(page: Page, app: Flask) -> Iterator[str]:
    tree = page.tree
    ids = Counter(node.attributes["id"] for node in tree.css("[id]"))
    yield from (f"id {one!r} twice" for one, count in ids.items() if count > 1 or not one)
    yield from _policy(tree)
    yield from _forms(page)
    yield from _links(tree)
    yield from _static_files(tree, app)
    for image in tree.css("img:not([alt])"):
        yield f"image without alt: {image.attributes.get('src')}"
    for node in tree.css("a button, button a, a a, label label, button button"):
        yield f"{node.tag} within another thing to press"
    visible = page.body
    for match in LEFTOVERS.finditer(visible):
        around = visible[max(0, match.start() - 30) : match.end() + 30]
        yield f"leftover {match.group()!r} in {around!r}"
    for cell in tree.css("td, dd"):
        if cell.text(strip=True) == "None":
            yield "a cell reads None"


def _policy(tree: LexborHTMLParser) -> Iterator[str]:
    """Find what the Content-Security-Policy would block."""
    yield from ("inline style" for _ in tree.css("[style], style"))
    yield from ("inline script" for _ in tree.css("script:not([src])"))
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            if name.startswith(("on", "hx-on")):
                yield f"{name} on {node.tag}"
            elif name in ("href", "src", "action") and _foreign(node, value or ""):
                yield f"{node.tag} {name}={value!r}"
            elif (value or "").strip().lower().startswith(("javascript:", "js:")):
                yield f"script in {name}"


def _foreign(node: LexborNode, value: str) -> bool:
    """Tell whether an address leads out of the portal; links of people's own may, files not."""
    return node.tag != "a" and bool(urlsplit(value).scheme or urlsplit(value).netloc)


def _forms(page: Page) -> Iterator[str]:
    tree = page.tree
    if page.body.count("<form") != len(tree.css("form")):
        yield "a form within a form"
    for form in tree.css("form"):
        if (form.attributes.get("method") or "get").lower() == "post":
            tokens = [field for field in page.fields_of(form) if _is_token(field)]
            if len(tokens) != 1:
                yield f"{len(tokens)} tokens in the form to {form.attributes.get('action')!r}"
    for field in tree.css(LABELLED):
        if not name_of(tree, field):
            yield f"no label: {field.tag} {field.attributes.get('name')!r}"
    for button in tree.css("button"):
        if not name_of(tree, button):
            yield f"a button without a name: {button.html[:80]!r}"


def _is_token(field: LexborNode) -> bool:
    return field.attributes.get("name") == "csrf_token" and bool(field.attributes.get("value"))


def _links(tree: LexborHTMLParser) -> Iterator[str]:
    for link in tree.css("a"):
        target = link.attributes.get("href")
        if not target or target == "#":
            yield f"a link to nowhere: {link.html[:200]!r}"
        named = link.attributes.get("aria-label") or link.css("img[alt]:not([alt=''])")
        if not link.text(strip=True) and not named:
            yield f"a link without a name: {link.html[:200]!r}"


def _static_files(tree: LexborHTMLParser, app: Flask) -> Iterator[str]:
    folder = Path(app.static_folder or "")
    for node in tree.css("[src^='/static/'], [href^='/static/']"):
        address = urlsplit(node.attributes.get("src") or node.attributes.get("href") or "")
        path = folder / address.path.removeprefix("/static/")
        if not path.is_file():
            yield f"no such file: {address.path}"
        elif address.fragment and address.fragment not in _symbols(path):
            yield f"no such icon: {address.fragment}"


@cache
def _symbols(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r'id="([^"]+)"', path.read_text()))
