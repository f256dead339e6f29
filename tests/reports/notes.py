"""What test callers noted of 235 real calls, as the parts that a report counts.

Made of ``truth.csv`` alone, by rules of the dial plan: which number leads to which queue, which key
to which. Nothing of the importer is used.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import groupby

from tests.calls.logs import V16, truth

# The exchange refused these before it had picked up: it wrote nothing about them anywhere.
UNKNOWN = {"T0035", "T0038", "T0143"}
# When the exchange was killed these two were up: their ends are in no log.
CUT_OFF = {"T0231": "answered", "T0232": "lost"}
# These callers left during the announcement, before they had entered the queue they had dialled.
LEFT_BEFORE = {"T0132", "T0156"}
QUEUES = {
    "15550100": ["sales"],
    "15550200": ["support"],
    "15550400": ["sales", "support"],
    "15550500": ["sales"],
}
BY_KEY = {"1": ["sales"], "2": ["support"]}
EXTENSIONS = {"sales": "7001", "support": "7002"}
MENU = "15550300"


@dataclass(frozen=True)
class Part:
    """A part of a call. ``wait``: between these seconds; ``talk``: None where nobody talked."""

    call: str
    kind: str
    direction: str
    number: str
    did: str | None
    queue: str | None
    project: str | None
    who: str | None
    result: str
    wait: tuple[float, float]
    talk: float | None
    passed_on: str | None = None  # to which extension; "" where a person was asked first


def parts(project: str | None = None) -> list[Part]:
    """Return the parts of all calls in their order; ``project``: those that are of it."""
    notes = truth()
    with (V16 / "truth.csv").open(encoding="utf-8", newline="") as lines:
        found = [
            part
            for row in csv.DictReader(lines)
            if row["id"] not in UNKNOWN
            for part in _parts(row, notes[row["id"]])
        ]
    return [part for part in found if project in (None, part.project)]


def calls(found: list[Part]) -> list[list[Part]]:
    return [list(same) for _, same in groupby(found, lambda part: part.call)]


def _parts(row, note):
    agents = [who for who in row["agents"].split(">") if note.talk.get(who)]
    steps = _steps(row, agents)
    project = _line(row)
    leading = None
    for place, (kind, queue, who, result) in enumerate(steps):
        leading = queue = queue or leading  # what follows a transfer is of the queue before it
        project = {"sales": "ours", "support": "theirs"}.get(queue, project)
        goes_on = kind == "queue" and place + 1 < len(steps) and bool(row["transfers"])
        asked = row["transfers"].startswith("attended")
        yield Part(
            call=row["id"],
            kind=kind,
            direction=row["direction"],
            number=row["dialled"] if row["direction"] == "out" else row["caller"],
            did=_did(row, steps),
            queue=queue,
            project=project,
            who=who,
            result=result,
            wait=_wait(row, note, place),
            talk=_talk(row, note, who, result, steps[:place]),
            # Of the queue that was asked through, nobody passed the call on.
            passed_on=("" if asked else row["transfers"].split("->")[1])
            if goes_on and place == 0
            else None,
        )


def _line(row):
    """Tell whose call it is that is in no queue."""
    if row["direction"] == "out":
        return {"9": "ours", "8": "theirs"}[row["dialled"][0]]
    return {"trunk-acme": "ours", "trunk-globex": "theirs"}.get(row["trunk_or_ext"])


def _steps(row, agents):
    """Return kind, queue, who answered and the result of each part."""
    queues = BY_KEY.get(row["dtmf"], []) if row["dialled"] == MENU else QUEUES.get(row["dialled"])
    if not queues or row["id"] in LEFT_BEFORE or row["kind"] == "join_empty":
        return [("direct", None, _direct_who(row, agents), _direct(row))]
    if row["kind"] == "attended_consult_no_answer":
        asked = ("consultation", None, None, "no_answer")
        return [("queue", queues[0], agents[0], "answered"), asked]
    if row["transfers"]:
        return [("queue", queues[0], agents[0], "answered"), *_behind(row, agents[1:])]
    *before, last = queues
    who = agents[0] if agents else None
    return [("queue", one, None, "timed_out") for one in before] + [
        ("queue", last, who, _in_queue(row))
    ]


def _behind(row, others):
    """What followed a transfer."""
    to = row["transfers"].split("->")[1]
    who = others[0] if others else None
    queue = {extension: name for name, extension in EXTENSIONS.items()}.get(to)
    if queue is None:
        failed = "busy" if row["kind"] == "blind_to_ext_busy" else "no_answer"
        return [("transfer", None, who, "answered" if who else failed)]
    result = "answered" if who else "abandoned"
    if not row["transfers"].startswith("attended"):
        # 101 handed T0177 to its own queue, where 102 took it.
        return [("queue", queue, who, result)]
    return [("queue", queue, who, result), ("transfer", None, who, "answered")]


def _in_queue(row):
    if row["id"] in CUT_OFF:
        return CUT_OFF[row["id"]]
    if row["answered"] == "yes":
        return "answered"
    if row["ended_by"] == "caller" or row["kind"] == "waiting_at_restart":
        return "abandoned"
    if row["dtmf"] == "0":
        return "left_by_key"
    # What was planned as no answer and then an answer may have timed out as well: T0009.
    return "queue_empty" if row["kind"] == "exit_empty" else "timed_out"


def _direct(row):
    if row["answered"] == "yes":
        return "answered"
    if row["dialled"] in (*QUEUES, MENU):  # in the menu, or before the queue
        return "left_menu" if row["ended_by"] == "caller" else "refused"
    # A group is busy if all of it is; the exchange calls 404, 403 and 603 all the same.
    everybody = row["direction"] == "out" or row["rejects"] == row["offers"]
    by_code = {"486": "busy" if everybody else "no_answer", "503": "failed"}
    return by_code.get(row["final_sip_code"], "no_answer")


def _direct_who(row, agents):
    if row["direction"] == "out":
        return row["trunk_or_ext"]  # who called
    return agents[0] if row["answered"] == "yes" else None


def _wait(row, note, place):
    """Of a part behind others the notes tell no more than what was left of the call."""
    shortest, longest = note.wait
    if place and row["kind"].startswith(("blind", "attended")):
        whole = float(row["end_epoch"]) - float(row["start_epoch"])
        return 0, max(0, whole - sum(note.talk.values()))
    # What was played behind a queue that gave up is in the note as well.
    known = row["answered"] == "yes" and "overflow" not in row["kind"]
    return (shortest if known else 0), longest


def _talk(row, note, who, result, before):
    if result != "answered" or row["id"] in CUT_OFF:
        return None
    if row["direction"] == "out":
        return float(row["end_epoch"]) - float(row["line_answered_epoch"])
    # Who is asked through a queue and then gets the call: the note has both in one.
    return 0 if who in [one[2] for one in before] else note.talk[who]


def _did(row, steps):
    """The log has the number of the queue that the dial plan jumps to, not what was dialled."""
    if row["id"] in CUT_OFF:
        return None  # no row was written
    if row["id"] == "T0118":
        return "0"  # the key pressed at once stands there instead
    queues = [queue for _, queue, _, _ in steps if queue]
    if row["kind"] == "join_empty":
        return EXTENSIONS["support"]
    if queues and row["dialled"] in ("15550100", "15550200", MENU):
        return EXTENSIONS[queues[0]]
    if row["direction"] == "out":
        return {"9": "15550100", "8": "15550200"}[row["dialled"][0]]
    return row["dialled"]
