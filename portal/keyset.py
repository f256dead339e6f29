"""The place in a list of rows by time, as it stands in the address of the page behind it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid

Key = tuple[dt.datetime, uuid.UUID]
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def written(moment: dt.datetime, identifier: uuid.UUID) -> str:
    micros = int(moment.timestamp() * 1_000_000)
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big") + identifier.bytes).decode()


def read(text: str | None) -> Key | None:
    """Read what :func:`written` wrote; anything else begins at the newest."""
    try:
        raw = base64.urlsafe_b64decode(text or "")
        if len(raw) != 24:
            return None
        moment = _BEGINNING + dt.timedelta(microseconds=int.from_bytes(raw[:8], "big"))
        return moment, uuid.UUID(bytes=raw[8:])
    except (binascii.Error, ValueError, OverflowError):
        return None
