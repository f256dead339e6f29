"""From a body, as FreeSWITCH posts it or leaves it in a spool folder, to the document in it.

The bytes decide how it is encoded. Headers do not count: with ``disable-100-continue`` bare JSON is
labelled as a form. What is left in the spool folder is encoded alike, without ``cdr=``.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from portal.calls.sources.freeswitch import markup

MAX_BYTES = 3_000_000
_BOM = b"\xef\xbb\xbf"
# What a document begins with: `core-uuid` alone would do, but spools hold older versions' too.
_JSON = re.compile(rb'\{(?:[^\\]|\\.)*?"(?:core-uuid|variables|callflow)"\s*:', re.DOTALL)
_XML = re.compile(rb"(?:<\?[^>]*>|<!--(?:(?!-->).)*-->|\s)*<(?:cdr[\s>]|!DOCTYPE\s+cdr)", re.DOTALL)
_HEAD = 4096


class UnreadableError(ValueError):
    """A body holds no document that can be read; the message says why."""


def document_in(body: bytes) -> dict[str, Any]:
    """Return the document in ``body``, in the shape of JSON; :class:`UnreadableError` if none."""
    if len(body) > MAX_BYTES:
        raise UnreadableError("longer than any document")
    bare, percent_encoded = undone(body)
    if not bare.startswith((b"{", b"<")):
        raise UnreadableError("neither JSON nor XML")
    read = json_of if bare.startswith(b"{") else markup.tree_of
    try:
        document = read(bare)
    except (ValueError, RecursionError):
        if percent_encoded:
            # `encode=true` leaves values as they are that `encode-values` has encoded: the one
            # decoding undoes both, and what values held is taken for markup.
            raise UnreadableError("encoded twice: set encode=false") from None
        raise UnreadableError(f"damaged {'JSON' if read is json_of else 'XML'}") from None
    if not isinstance(document, dict):
        raise UnreadableError("no call in it")
    return document


def looks_like_document(body: bytes) -> bool:
    """Tell whether ``body`` is a document by how it begins, be it damaged further on."""
    head = undone(body[:MAX_BYTES])[0][:_HEAD]
    return bool(_JSON.match(head) or _XML.match(head))


def undone(body: bytes) -> tuple[bytes, bool]:
    """Return ``body`` without its encoding, and whether that was percent-encoding."""
    bare = body.removeprefix(_BOM).strip()
    bare = bare.removeprefix(b"cdr=").lstrip()
    percent_encoded = bare.startswith(b"%")
    if percent_encoded:
        bare = unquote_to_bytes(bare)  # a plus is a plus: FreeSWITCH writes a blank as %20
    elif not bare.startswith((b"{", b"<")):
        try:
            bare = base64.b64decode(unquote_to_bytes(b"".join(bare.split())), validate=True)
        except binascii.Error:
            return bare, False
    return bare.removeprefix(_BOM).lstrip(), percent_encoded


def json_of(bare: bytes) -> Any:
    """Read JSON; ValueError or RecursionError where it cannot be read.

    What is not UTF-8 is kept as it is until a value of it is used. Numbers stay text: they may be
    longer than any number.
    """
    text = bare.decode("utf-8", "surrogateescape")
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
