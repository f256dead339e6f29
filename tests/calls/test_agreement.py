"""What is built from real logs against what the callers noted: 235 calls of an Asterisk 16."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from portal.calls.built import BuiltCall
from portal.calls.sources.records import CdrRow, QueueEvent
from tests.calls.logs import (
    LOG,
    MASTER,
    OLD_LOG,
    PAUSE_S,
    V16,
    Truth,
    calls_of,
    content,
    id_of,
    records,
    talk_of,
    talk_until_transfer,
    truth,
)

TOLERANCE_S = 2
# The exchange refused these before it had picked up: it wrote nothing about them anywhere.
UNKNOWN_TO_THE_LOGS = {"T0035", "T0038", "T0143"}


@dataclass
class Comparison:
    """One call beside its note; ``faults`` names what differs."""

    note: Truth
    call: BuiltCall
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        note, call = self.note, self.call
        checks = {
            "answered": (call.result == "answered") == note.answered,
            "who": set(talk_of(call)) == set(note.talk),
            "talk": self._talk_agrees(),
            "wait": self._wait_agrees(),
            "direction": call.direction == note.direction,
            "number": call.number == (note.dialled if call.direction == "out" else note.caller),
            "name": call.direction != "in" or call.caller_name == note.caller_name,
            "start": abs(call.started - note.start) <= 1,
        }
        self.faults = [name for name, agrees in checks.items() if not agrees]

    def _talk_agrees(self) -> bool:
        return all(
            seconds is None or abs(seconds - self.note.talk.get(phone, -99)) <= TOLERANCE_S
            for phone, seconds in talk_of(self.call).items()
        )

    def _wait_agrees(self) -> bool:
        shortest, longest = self.note.wait
        wait = self.call.wait
        return wait is None or shortest - TOLERANCE_S <= wait <= longest + TOLERANCE_S


@pytest.fixture(scope="module")
def calls() -> list[BuiltCall]:
    return calls_of(*content([OLD_LOG, LOG, MASTER]))


def test_every_call_that_the_logs_know_is_there_once_and_as_its_caller_noted(
    calls: list[BuiltCall],
) -> None:
    notes = truth()
    found = [id_of(call, notes) for call in calls]
    assert Counter(found) == Counter(set(notes) - UNKNOWN_TO_THE_LOGS)
    compared = [
        Comparison(notes[name], call) for name, call in zip(found, calls, strict=True) if name
    ]
    _print_table(compared)
    assert {c.note.id: c.faults for c in compared if c.faults} == {}
    assert len(compared) == 232


def test_the_raw_notes_differ_by_the_pause_of_a_phone_and_by_nothing_else(
    calls: list[BuiltCall],
) -> None:
    """Hold the calls against ``truth.csv`` alone, without the events behind it.

    All but one kind of figure agree within 2 s. In 14 of the 15 calls that an operator handed on
    without asking, the note counts that operator's talk until the operator's phone hung up. The
    test phone did so ``PAUSE_S`` after its REFER, but the exchange takes the caller away at the
    REFER: from then on the operator talked with nobody. The queue log (BLINDTRANSFER's talk) ends
    there, as does the row's billed time, and no line of any log knows of the phone's BYE. So no
    rounding and no other start of the talk can meet the note: 2 s by the log stand against 4.00 to
    4.08 s noted, of which 2.00 to 2.05 s are the pause. Without it they agree within 0.1 s. In the
    15th call, transferred to a busy phone, the exchange itself ended the operator's call at once.
    """
    notes, raw, handed_on = truth(), truth(raw=True), talk_until_transfer()
    faults, beyond = {}, {}
    for call in calls:
        note = raw[id_of(call, notes) or ""]
        found = Comparison(note, call).faults
        if found:
            faults[note.id] = found
        if note.id in handed_on:
            ((phone, until_transfer),) = handed_on[note.id].items()
            talked = call.visits[0].talk
            assert talked is not None
            beyond[note.id] = (note.talk[phone] - until_transfer, abs(talked - until_transfer))
    assert len(handed_on) == 15
    assert set(faults) <= set(handed_on)
    assert {tuple(found) for found in faults.values()} == {("talk",)}
    pauses = {name: pause for name, (pause, _) in beyond.items()}
    assert {name for name, pause in pauses.items() if pause < 1} == {"T0170"}
    assert all(abs(p - PAUSE_S) < 0.06 for name, p in pauses.items() if name != "T0170")
    assert max(difference for _, difference in beyond.values()) < 0.1


def test_only_what_a_killed_exchange_never_wrote_is_unknown(calls: list[BuiltCall]) -> None:
    notes = truth()
    unknown = {
        id_of(call, notes): (call.result, call.wait, call.talk)
        for call in calls
        if call.wait is None or call.talk is None
    }
    assert unknown == {"T0231": ("answered", 1, None), "T0232": ("lost", None, 0)}


def test_the_logs_hold_what_was_counted_in_them() -> None:
    read = records(*content([OLD_LOG, LOG, MASTER]))
    verbs = Counter(record.verb for record in read if isinstance(record, QueueEvent))
    assert verbs["ENTERQUEUE"] == 206
    assert verbs["CONNECT"] == 146
    assert verbs["ABANDON"] == 33
    assert verbs["EXITWITHTIMEOUT"] == 18
    rows = [record for record in read if isinstance(record, CdrRow)]
    assert len(rows) == 391
    notes = truth()
    assert len(notes) == 235
    assert len({row.user_field for row in rows} & set(notes)) == 230


def test_visits_are_as_many_as_the_queues_had(calls: list[BuiltCall]) -> None:
    visits = [visit for call in calls for visit in call.visits]
    assert Counter(visit.kind for visit in visits) == {
        "queue": 206,
        "direct": 44,
        "transfer": 15,
        "consultation": 1,
    }
    results = Counter(visit.result for visit in visits if visit.kind == "queue")
    assert results == {
        "answered": 146,
        "abandoned": 33,
        "timed_out": 18,
        "left_by_key": 7,
        "queue_empty": 1,
        "lost": 1,
    }


def test_account_files_beside_the_master_change_nothing(calls: list[BuiltCall]) -> None:
    accounts = [V16 / "cdr-csv" / "acme.csv", V16 / "cdr-csv" / "globex.csv"]
    assert calls_of(*content([*accounts, OLD_LOG, LOG, MASTER])) == calls


def test_the_order_of_the_files_changes_nothing(calls: list[BuiltCall]) -> None:
    assert calls_of(*content([MASTER, LOG, OLD_LOG, LOG, OLD_LOG])) == calls


def test_the_zone_of_the_source_does_not_matter_where_rows_have_ids(
    calls: list[BuiltCall],
) -> None:
    from zoneinfo import ZoneInfo

    files = content([OLD_LOG, LOG, MASTER])
    for zone in ("Europe/Warsaw", "America/New_York", "Asia/Kathmandu"):
        assert calls_of(*files, zone=ZoneInfo(zone)) == calls


def _print_table(compared: list[Comparison]) -> None:
    """Print the table of agreement: calls by kind, and how many agree in what."""
    columns = ("answered", "who", "talk", "wait", "direction", "number", "name", "start")
    print(f"\n{'kind':30} {'calls':>5} " + " ".join(f"{name:>9}" for name in columns))
    kinds = Counter(c.note.kind for c in compared)
    for kind in [*sorted(kinds), "all"]:
        same = [c for c in compared if kind in (c.note.kind, "all")]
        agree = [sum(name not in c.faults for c in same) for name in columns]
        print(f"{kind:30} {len(same):5} " + " ".join(f"{number:9}" for number in agree))
