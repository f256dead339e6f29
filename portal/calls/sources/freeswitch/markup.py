"""Reading the XML of ``mod_xml_cdr``, which need not be XML, into the shape of its JSON."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import XMLParser

MAX_DEPTH = 40
_TAG = re.compile(r"<(/?)([^<>!?/][^<>]*?)(/?)>")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_WITH_ATTRIBUTES = re.compile(r"(?:cdr|callflow|extension|sub_extension|application)\s+[\w-]+=")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def tree_of(raw: bytes) -> dict[str, Any]:
    """Read a document; ValueError where it cannot be read, or has entities or a DTD."""
    text = raw.decode("utf-8", "backslashreplace")
    try:
        return _tree(text)
    except ParseError:
        pass
    try:
        return _tree(repaired(text))
    except ParseError as error:
        raise ValueError(str(error)) from None


def _tree(text: str) -> dict[str, Any]:
    target = _Tree()
    parser = XMLParser(target=target, forbid_dtd=True)
    parser.feed(text)  # its refusals are ValueErrors
    parser.close()
    if not isinstance(target.root, dict):
        raise ValueError("the document is empty")
    return target.root


def repaired(text: str) -> str:
    """Make names of the names of variables, which stand as elements whatever they are.

    ``<set api_hangup_hook>``, ``<^^,default_language>``, ``<nolocal:operator>``, ``<12>``, ``< a>``
    are what dialplans have brought about.
    """
    return _TAG.sub(_with_name, text)


def _with_name(tag: re.Match[str]) -> str:
    begin, inner, end = tag.groups()
    if _NAME.match(inner) or _WITH_ATTRIBUTES.match(inner):
        return tag[0]
    return f"<{begin}_{_NO_NAME.sub('_', inner.strip())}{end}>"


class _Tree:
    """Builds objects of elements and their attributes; equal names beside each other are a list."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str | None = None
        self._open: list[tuple[dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise ValueError("nested too deeply")
        self._open.append((dict(attributes), []))

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        node, texts = self._open.pop()
        value = node or "".join(texts)
        if not self._open:
            self.root = value
            return
        parent = self._open[-1][0]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def close(self) -> None:
        """Needed by the parser."""
