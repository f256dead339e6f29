"""Reading a piece that is one JSON object: a row of a table, an event."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def fields_of(raw: bytes) -> dict[str, str] | None:
    """Return the fields as text by their names in lower case; None where it is no object.

    What is null is left out, and so is what has parts of its own.
    """
    if not raw.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        return None
    return {
        _text(name).lower(): _text(str(value))
        for name, value in found.items()
        if isinstance(value, str | int | float)
    }


def canonical(fields: dict[str, Any]) -> bytes:
    """Write a row as JSON: equal rows are the same bytes."""
    return json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    ).encode("utf-8", "backslashreplace")


def instant(text: str, zone: dt.tzinfo, made: int) -> dt.datetime:
    """Read a time; without a zone it is that of the exchange.

    Of the two that a time can be while the clock goes back, it is the first one after its channel
    was ``made``. Raises ValueError.
    """
    time = dt.datetime.fromisoformat(text)
    if time.tzinfo is not None:
        return time
    both = [time.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return next((one for one in both if one.timestamp() >= made - 2), both[0])


def _text(text: str) -> str:
    """Show what is not UTF-8 as other formats do."""
    shown = text if text.isascii() else _SURROGATE.sub(_shown, text)
    return shown.replace("\0", "\ufffd")


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
