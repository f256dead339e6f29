"""The values of a document, whatever stands in it: what is not as expected is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes

from portal.calls.sources.records import is_possible, text_of

_ID_LENGTH = 150
_UNSET = {"", "_undef_"}
_NUMBER = re.compile(r"(\d{1,17})(?:\.\d*)?\Z")


class Values:
    """The variables of a leg. One that is not set is empty."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._node = node_of(document, "variables")

    def get(self, name: str) -> str:
        text = text_in(self._node, name)
        if "%" in text and self._percent_encoded:
            text = text_of(unquote_to_bytes(text))
        return "" if text in _UNSET else text

    @cached_property
    def _percent_encoded(self) -> bool:
        """Tell whether values are encoded, by stamps: bare ones have a blank and colons.

        Nothing else tells: a name may well hold ``%20``.
        """
        names = (name for name in self._node if str(name).endswith("_stamp"))
        stamps = [text_in(self._node, name).lower() for name in names]
        return any("%20" in stamp or "%3a" in stamp for stamp in stamps)

    def moment(self, name: str) -> int | None:
        """Return a time by its microseconds, or by its seconds."""
        return moment(self.get(f"{name}_uepoch"), 1000) or self.epoch(f"{name}_epoch")

    def epoch(self, name: str) -> int | None:
        return moment(self.get(name), 1)


def moment(text: str, per_ms: int) -> int | None:
    """Read a time in seconds (1) or microseconds (1000); 0 is what did not happen."""
    found = _NUMBER.match(text)
    if not found:
        return None
    milliseconds = int(found[1]) * 1000 if per_ms == 1 else int(found[1]) // per_ms
    return milliseconds if is_possible(milliseconds // 1000) else None


def id_of(text: str) -> str:
    return "" if text in _UNSET else text.strip()[:_ID_LENGTH]


def node_of(node: Any, name: str) -> dict[str, Any]:
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def all_of(node: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects under a name or its plural, one or a list of them.

    FusionPBX turns XML to JSON by PHP's rules: attributes are an object of their own.
    """
    if not isinstance(node, dict):
        return
    for found in (node.get(name), node.get(f"{name}s")):
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, dict):
                yield {**one, **node_of(one, "@attributes")}


def text_in(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value
    try:
        return text_of(value.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a character
        return text_of(value.encode("utf-8", "replace"))


class Profile:
    """One element of the call flow: the leg as it was until a transfer."""

    def __init__(self, node: dict[str, Any]) -> None:
        self.node, self.profile = node, node_of(node, "caller_profile")

    def text(self, name: str) -> str:
        found = text_in(self.profile, name)
        return "" if found in _UNSET else found

    def moment(self, name: str) -> int | None:
        return moment(text_in(node_of(self.node, "times"), f"{name}_time"), 1000)

    def being_done(self) -> Iterator[dict[str, Any]]:
        """Yield the application that ran until the leg was passed on or hung up."""
        extension = node_of(self.node, "extension")
        current = text_in(extension, "current_app")
        for one in all_of(extension, "application"):
            name = text_in(one, "app_name")
            if text_in(one, "last_executed") == "true" or (name and name == current):
                yield one

    def origins(self) -> Iterator[str]:
        """Yield the ids of the legs on whose behalf this one was made."""
        for one in all_of(node_of(self.profile, "originator"), "originator_caller_profile"):
            yield text_in(one, "uuid")
