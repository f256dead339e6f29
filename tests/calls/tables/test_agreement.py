"""The 235 calls of an Asterisk 16 from its tables, its manager's events and its other files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from portal.calls.builders import build
from portal.calls.built import BuiltCall
from portal.calls.sources import asterisk_ami
from tests.calls.logs import LOG, MASTER, OLD_LOG, UTC, V16, calls_of, content, id_of, truth
from tests.calls.tables.exchange import CDR, QUEUE_LOG, Reader
from tests.calls.test_agreement import Comparison

LOGS = content([OLD_LOG, LOG])
CUSTOM = (V16 / "cdr-custom.csv").read_bytes()
AMI = gzip.decompress((V16 / "ami_cdr_events.jsonl.gz").read_bytes())


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(CDR, QUEUE_LOG)
    reader.look()
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def rows(reader: Reader) -> dict[str, bytes]:
    """Return the rows of each table as they would stand in a file of their own."""
    return {batch.table: b"\n".join([*batch.rows, b""]) for batch in reader.told}


def assert_agrees(calls: list[BuiltCall]) -> None:
    notes = truth()
    compared = [Comparison(notes[id_of(call, notes) or ""], call) for call in calls]
    assert {c.note.id: c.faults for c in compared if c.faults} == {}
    assert len({c.note.id for c in compared}) == len(compared) == 232


def test_the_tables_agree_with_the_callers_notes(reader: Reader) -> None:
    calls = build(reader.records(), UTC)
    assert_agrees(calls)
    kept = [{v.key for v in call.visits} for call in calls_of(*LOGS, MASTER.read_bytes())]
    assert [{v.key for v in call.visits} for call in calls] == kept


def test_a_table_keeps_the_number_that_was_called(reader: Reader) -> None:
    notes = truth()
    called = {
        id_of(call, notes): (call.did, notes[id_of(call, notes) or ""].dialled)
        for call in build(reader.records(), UTC)
        if call.direction == "in" and call.did and call.did.startswith("155")
    }
    assert len(called) == 209
    assert {name: pair for name, pair in called.items() if pair[0] != pair[1]} == {}


def test_events_of_the_manager_make_the_calls_that_the_file_makes() -> None:
    assert calls_of(*LOGS, AMI) == calls_of(*LOGS, MASTER.read_bytes())


def test_events_of_the_manager_as_they_were_sent_say_the_same() -> None:
    for line in AMI.splitlines():
        sent = "\r\n".join(f"{name}: {value}" for name, value in json.loads(line).items())
        told = asterisk_ami.parse(f"{sent}\r\n\r\n".encode())
        assert told == asterisk_ami.parse(line)


def test_columns_in_another_order_agree_with_the_callers_notes() -> None:
    assert_agrees(calls_of(*LOGS, CUSTOM))


def test_what_several_tell_of_is_one_call(rows: dict[str, bytes]) -> None:
    master = MASTER.read_bytes()
    alone = calls_of(*LOGS, master)
    assert calls_of(*LOGS, master, CUSTOM, AMI, rows["cdr"]) == alone
    assert calls_of(*LOGS, rows["queue_log"], master) == alone
    assert calls_of(rows["queue_log"], *LOGS, master) == alone
    assert_agrees(calls_of(rows["cdr"], AMI, CUSTOM, rows["queue_log"], master, *LOGS))
