"""What the parsers of all formats hand over: a verdict on each line and what it says."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_CALL_ID = re.compile(r"(?:.*-)?(\d{10})\.\d+\Z", re.DOTALL)
_FIRST, _LAST = 631_152_000, 4_102_444_800  # 1990 to 2100
LONGEST_S = 100 * 86_400  # of what belongs to a call
TOO_LONG = "longer than 100 days"
_NO_CALL = {"", "NONE", "MANAGER", "CLI", "REALTIME"}
# What an operator does between calls.
OF_OPERATORS = {
    *("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
    *("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"),
}
_CHANNEL_COUNTER = re.compile(r"-[0-9a-fA-F]{8,}(?:;[12])?\Z")


class Verdict(enum.StrEnum):
    OK = "ok"
    BLANK = "blank"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"  # well formed, and says something that is not known: kept
    DUPLICATE = "duplicate"  # told by the import, which knows the other files


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """One event of a queue log. ``data`` are the fields after the verb, as they came."""

    at: int  # epoch seconds, UTC
    call_id: str
    queue: str
    agent: str
    verb: str
    data: tuple[str, ...]
    kind: str = "queue"  # of the word that is given as the queue
    # Where it stands among others of its table: those come in no order.
    place: tuple[int, int, int] | None = field(default=None, compare=False)

    @property
    def thread(self) -> str | None:
        """The call this belongs to; None for what concerns the exchange or an operator."""
        return None if self.call_id in _NO_CALL or self.operator else self.call_id[:150]

    @property
    def operator(self) -> str | None:
        """Who comes, goes, pauses or works on by this; None for what says nothing of that."""
        if self.verb in OF_OPERATORS and self.agent not in _NO_CALL:
            return self.agent[:128]
        return None


@dataclass(frozen=True, slots=True)
class CdrRow:
    """One row of call detail records: one leg, or one attempt at one. Times are local, unzoned."""

    account: str
    source: str
    destination: str
    context: str
    caller_id: str
    channel: str
    peer_channel: str
    application: str
    application_data: str
    start: dt.datetime
    answer: dt.datetime | None
    end: dt.datetime | None
    duration: int  # whole seconds
    billed: int
    disposition: str
    unique_id: str | None
    user_field: str
    linked_id: str | None
    sequence: int | None
    did: str = ""  # the number that was called, where the exchange keeps it

    operator = None

    @property
    def thread(self) -> str:
        """What the rows of one channel have in common; old rows have no id but the channel."""
        return (self.unique_id or self.linked_id or f"channel:{self.channel}")[:150]

    @property
    def linked_thread(self) -> str | None:
        return self.linked_id[:150] if self.linked_id else None

    @property
    def answered(self) -> bool:
        """Somebody took the other end; the pick-up by a menu or queue does not count."""
        return self.disposition == "ANSWERED" and bool(self.peer_channel)


@dataclass(frozen=True, slots=True)
class Told:
    """What one row or document of any other exchange tells; ``family`` names who builds from it.

    ``thread`` is the channel it tells about, ``linked_thread`` the channel whose call that is part
    of (None: its own). ``facts`` is what the parsers of the family and their builder share.
    ``operator``: who did something between calls by this.
    """

    family: str
    thread: str  # at most 150 characters
    linked_thread: str | None
    at: int  # when it began: epoch seconds, or a local time counted as if it were UTC
    facts: Any
    operator: str | None = None


Record = QueueEvent | CdrRow | Told


@dataclass(frozen=True, slots=True)
class Parsed:
    """The verdict on one line, the reason where it is not ok, and what the line says."""

    verdict: Verdict
    reason: str = ""
    record: Record | None = None
    # What equal lines have in common; set where a format has a key of its own for its rows.
    key: bytes | None = None
    # What equal pieces of several formats have in common that have no such key.
    content: bytes | None = None

    def digest(self, raw: bytes) -> bytes:
        """Return the hash by which the same line is known again in another file."""
        told = self.key or self.content or raw.removesuffix(b"\r")
        return hashlib.blake2b(told, digest_size=16).digest()


@lru_cache(maxsize=8192)
def is_call_id(text: str) -> bool:
    """Tell whether ``text`` is an id of a channel, ``[system-]epoch.counter``."""
    return bool(_CALL_ID.match(text))


@lru_cache(maxsize=8192)
def epoch_of(call_id: str) -> int:
    """Return when the channel was made: the UTC epoch second in its id; 0 without one."""
    found = _CALL_ID.match(call_id)
    return int(found[1]) if found and is_possible(int(found[1])) else 0


def is_possible(second: int) -> bool:
    """Tell whether a call can have been then: what is older than telephone exchanges, is damage."""
    return _FIRST <= second < _LAST


def is_too_long(text: str) -> bool:
    """Tell whether a number of seconds is more than a call can have lasted."""
    return text.isascii() and text.isdigit() and (len(text) > 9 or int(text) > LONGEST_S)


def endpoint_of(channel: str) -> str:
    """Return technology and endpoint: ``PJSIP/trunk-acme-0000005e`` → ``PJSIP/trunk-acme``."""
    channel = _CHANNEL_COUNTER.sub("", channel)
    if channel.startswith("Local/"):
        return channel.split("@", 1)[0]
    return channel


def text_of(raw: bytes) -> str:
    """Read bytes as UTF-8; what is not UTF-8 shows as ``\\xe1``, a NUL as a replacement mark."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\ufffd")
