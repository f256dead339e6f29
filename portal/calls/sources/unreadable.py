"""What was sent and is of no known format: kept, counted, and never made into calls."""

from __future__ import annotations

from portal.calls.sources.records import Parsed, Verdict

KIND = "unreadable"
LABEL = "not known"
TELLS_OF_OPERATORS = False


def recognises(lines: list[bytes]) -> bool:
    return False


def parse(raw: bytes) -> Parsed:
    if not raw.strip():
        return Parsed(Verdict.BLANK)
    return Parsed(Verdict.MALFORMED, "format not known")
