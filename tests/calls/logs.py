"""The logs of real calls that the tests import, and what the test callers themselves noted."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.calls.builders import build
from portal.calls.built import BuiltCall
from portal.calls.ordering import Place, in_order
from portal.calls.sources import detect, parse
from portal.calls.sources.lines import lines_of
from portal.calls.sources.records import Record

# What others have published, where it lies beside the project.
SHARED = Path(__file__).parents[3] / "shared" / "call-data"
V16 = Path(__file__).parent / "data" / "v16"
OLD_LOG, LOG, MASTER = V16 / "queue_log.0", V16 / "queue_log", V16 / "cdr-csv" / "Master.csv"
UTC = ZoneInfo("UTC")

# The exchange's words for the operators' phones.
PHONES = {
    "PJSIP/101": "101",
    "PJSIP/102": "102",
    "PJSIP/103": "103",
    "PJSIP/104": "104",
    "Carla Támez": "103",
    "Dave O'Neil": "104",
    "Dave Added": "104",
}


def records(*files: bytes) -> list[Record]:
    """Read files as the import does, the lines of each in their order and equal lines once."""
    places = []
    for number, content in enumerate(files):
        form = detect(content)
        if form is None:
            continue
        times: dict[bytes, int] = {}
        for line in lines_of(io.BytesIO(content)):
            parsed = parse(form, line.raw, first=line.number == 1)
            if parsed.record is None or not line.complete:
                continue
            digest = parsed.digest(line.raw)
            times[digest] = 1 if parsed.key else times.get(digest, 0) + 1
            at = getattr(parsed.record, "at", 0)
            key = (digest, times[digest])
            places.append(Place(key, number, line.number, at, parsed.record))
    return in_order(places)


def calls_of(*files: bytes, zone: ZoneInfo = UTC) -> list[BuiltCall]:
    return build(records(*files), zone)


def events(*lines: str) -> bytes:
    """Write lines of a queue log: ``events("10|c.1|sales|NONE|ENTERQUEUE||49301|1")``.

    A time below 100,000 counts from the start of 2026-11-22, and so does one in a call id.
    """
    return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True)
class Truth:
    """What the test callers noted of one call."""

    id: str
    kind: str
    direction: str
    caller: str
    caller_name: str
    dialled: str
    start: float
    wait: tuple[float, float]  # between these two
    answered: bool
    talk: dict[str, float]  # seconds by phone
    transfers: str


# What a test phone waits for between handing a caller on without asking and its own hanging up.
PAUSE_S = 2.0


def truth(*, raw: bool = False) -> dict[str, Truth]:
    """Return the test callers' notes by call; ``raw``: without what their events correct."""
    with (V16 / "truth.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    handed_on = {} if raw else talk_until_transfer()
    return {row["id"]: _truth(row, handed_on.get(row["id"], {})) for row in rows}


def _truth(row: dict[str, str], handed_on: dict[str, float]) -> Truth:
    talk: dict[str, float] = {}
    if row["talk_s"]:
        for phone, seconds in zip(row["agents"].split(">"), row["talk_s"].split(">"), strict=True):
            # Two phones can show in a race for one call, the loser with about no time.
            if float(seconds) > 0.05:
                talk[phone] = talk.get(phone, 0) + float(seconds)
    talk |= handed_on
    start, wait = float(row["start_epoch"]), float(row["wait_s"])
    # The notes count from the pick-up of the line; where nothing had picked it up before the
    # operator did, the caller waited since the start of the call.
    answer = float(row["first_agent_answer_epoch"] or start + wait)
    unanswered_line = row["answered"] == "yes" and wait < 0.05
    longest = answer - start if unanswered_line else wait
    return Truth(
        id=row["id"],
        kind=row["kind"],
        direction=row["direction"],
        caller=row["caller"],
        caller_name=row["caller_name"],
        dialled=row["dialled"],
        start=start,
        wait=(wait, longest),
        answered=row["answered"] == "yes",
        talk=talk,
        transfers=row["transfers"],
    )


def talk_until_transfer() -> dict[str, dict[str, float]]:
    """Return how long an operator talked who then handed the caller on without asking.

    The operator's phone stays up for PAUSE_S more, with nobody at the other end.
    """
    found: dict[str, dict[str, float]] = {}
    with gzip.open(V16 / "truth_events.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            call = json.loads(line)
            answered = {}
            for event in call["events"]:
                if event["ev"] == "agent_answer":
                    answered[event["agent"]] = event["t"]
                elif event["ev"] == "agent_blind_transfer":
                    talked = event["t"] - answered[event["agent"]]
                    found.setdefault(call["id"], {})[event["agent"]] = talked
    return found


def id_of(call: BuiltCall, notes: dict[str, Truth]) -> str | None:
    """Return the id of a call in the notes: in its tag, or by its caller's number."""
    if call.user_field:
        return call.user_field
    same = [note.id for note in notes.values() if note.caller == call.number]
    return same[0] if len(same) == 1 else None


def talk_of(call: BuiltCall) -> dict[str, int | None]:
    """Return the seconds of talk by phone; None where the end is not known."""
    talk: dict[str, int | None] = {}
    if call.direction == "out":
        return talk  # the operator called; the notes are about who was called
    for visit in call.visits:
        if visit.result == "answered":
            phone = PHONES.get(visit.agent or "", visit.agent or "")
            before = talk.get(phone, 0)
            known = before is not None and visit.talk is not None
            talk[phone] = before + visit.talk if known else None
    return talk


def content(paths: Iterable[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]
