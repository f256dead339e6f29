"""How values stand in an entry: JSON that can be shown in any language and time zone.

Text, numbers and booleans as they are; a list of names for memberships; a moment as
``{"at": "2026-11-22T17:05:00+00:00"}``, a day as ``{"day": "2026-11-22"}``, a secret as
``{"secret": true}``: that there is one, never which.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from enum import Enum
from typing import Any

from portal.database import search_key

# Neither database keeps these in a JSON text.
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
_SECRET = re.compile(r"(^|_)(password|secret|token|hash|code_hash|key_hash)(_|$)")
_MOST_SEARCHED = 20_000
# So begin the names of fields that belong to a project: then comes the field's id and its name.
OWN = "field:"
# Not searched: who may not see these would find them out bit by bit.
_UNSEARCHED = (OWN, "phone", "rule_pattern")


def is_secret(field: str) -> bool:
    return bool(_SECRET.search(field))


def plain(value: Any) -> Any:
    """Return a value of a column as an entry keeps it."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float():
            return value
        case str():
            return clean(value)
        case dt.datetime():
            return {"at": value.astimezone(dt.UTC).isoformat()}
        case dt.date():
            return {"day": value.isoformat()}
        case uuid.UUID() | dt.time():
            return str(value)
        case dict():
            return {clean(str(name)): plain(part) for name, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(part) for part in value]
        case bytes():
            return f"{len(value)} B"
    return clean(str(value))


def clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def searched(entry: dict[str, Any]) -> str:
    """Return the texts of an entry as they are searched."""
    texts = [entry["actor_name"], entry["on_behalf_of"], entry["object_name"], entry["address"]]
    for side in ("before", "after", "detail"):
        texts += _texts(entry[side])
    return " ".join(search_key(text) for text in texts if text)[:_MOST_SEARCHED]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if not name.startswith(_UNSEARCHED):
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)
