"""Canaries: texts, numbers and ids that say where they belong, and the search for them.

A marker reads ``zq``, its kind, the places that it belongs to, ``qz``: ``zqoABqz`` is a text of an
object in the projects A and B. Numbers carry nine digits instead, ids are looked up by themselves.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

# Kinds: o object, p person or group, j project, c call, w an exchange's own word, r the company,
# v what a project keeps of a contact.
KINDS = "opjcwrv"
# Places in letters of one size, and few: a random token can read like the rest.
MARKER = re.compile(rf"zq([{KINDS}])((?-i:[A-Z]{{1,3}}|[a-z]{{1,3}}))qz", re.IGNORECASE)
_NUMBER = re.compile(r"77([1-9])017(?=\d{3})")
_ID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"[0-9a-fA-F]{32,}")
_HIGHLIGHT = re.compile(r"</?mark>")
_CURSOR = re.compile(r"[?&;](?:after|before|older|newer|cursor|key)=([^&\"'\s;]+)")
# What every text brings along: it breaks out of an element, of attributes with each sort of
# quotes, and is a formula. It must be shown as text and leave no formula in an export.
FORMULA = "=1+1;"
SPICE = "\" hurt=' hurt=1 <hurt>Łżİş&lt;"
# Where the numbers of callers belong, by the third of their digits.
NUMBERS = {"A": 1, "B": 2, "D": 3, "U": 4, "X": 5, "AB": 6, "Y": 7, "V": 8, "Z": 9}
_PLACES_OF_NUMBER = {str(digit): places for places, digit in NUMBERS.items()}


@dataclass(frozen=True, order=True)
class Mark:
    """A thing of one kind that belongs to ``places`` (letters); ``text`` is what was found."""

    kind: str
    places: str
    text: str = field(default="", compare=False)


def marker(kind: str, places: str) -> str:
    assert kind in KINDS
    return f"zq{kind}{places}qz"


def number(places: str, serial: int) -> str:
    """Return a telephone number of a place; masking takes its marker out."""
    return f"+4877{NUMBERS[places]}017{serial:03}"


def marks_in(text: str, ids: dict[uuid.UUID, Mark]) -> Iterator[Mark]:
    """Yield every mark in ``text``: markers, numbers and ids, in the text and in its cursors."""
    text = unquote(_HIGHLIGHT.sub("", text))
    yield from _plain(text, ids)
    for cursor in set(_CURSOR.findall(text)):
        yield from _inside_cursor(cursor, ids)


def _plain(text: str, ids: dict[uuid.UUID, Mark]) -> Iterator[Mark]:
    for kind, places in set(MARKER.findall(text)):
        yield Mark(kind.lower(), places.upper(), f"zq{kind}{places}qz")
    for digit in set(_NUMBER.findall(text)):
        yield Mark("c", _PLACES_OF_NUMBER[digit], f"77{digit}017…")
    bare = (digits for digits in _DIGITS.findall(text) if len(digits) == 32)
    for found in {*_ID.findall(text), *bare}:
        mark = ids.get(uuid.UUID(found))
        if mark:
            yield mark


def _inside_cursor(cursor: str, ids: dict[uuid.UUID, Mark]) -> Iterator[Mark]:
    """Look into a cursor, which holds keys in bytes of its own."""
    try:
        raw = base64.urlsafe_b64decode(cursor.rstrip("=") + "=" * (-len(cursor.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return
    yield from _plain(raw.decode("utf-8", "ignore"), ids)
    for start in range(max(0, len(raw) - 15)):
        mark = ids.get(uuid.UUID(bytes=raw[start : start + 16]))
        if mark:
            yield mark


def content_of(mimetype: str, body: bytes) -> str:
    """Return all text in an answer, a workbook's too."""
    if "spreadsheetml" in mimetype:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist())
    return body.decode("utf-8", "replace")
