"""What rows of tables, events and custom files can say, and what is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.calls.sources import (
    FORMATS,
    asterisk_ami,
    asterisk_cdr_csv,
    asterisk_cdr_custom,
    asterisk_cdr_row,
    asterisk_queue_log,
    asterisk_queue_log_row,
    detect,
)
from portal.calls.sources.pieces import pieces_of
from portal.calls.sources.records import TOO_LONG, CdrRow, QueueEvent, Verdict
from tests.calls.logs import LOG, MASTER, OLD_LOG, V16
from tests.calls.tables.exchange import CDR, QUEUE_LOG, rows_in

START = 1795365000  # 2026-11-22 16:30:00 UTC
UPSTREAM: dict[str, Any] = {
    "accountcode": "acme",
    "src": "15559000001",
    "dst": "101",
    "dcontext": "from-trunk",
    "clid": '"Żak" <15559000001>',
    "channel": "PJSIP/trunk-acme-00000001",
    "dstchannel": "PJSIP/101-00000002",
    "lastapp": "Dial",
    "lastdata": "PJSIP/101,8,tT",
    "start": "2026-11-22T16:30:00",
    "answer": "2026-11-22T16:30:04",
    "end": "2026-11-22T16:30:14",
    "duration": 14,
    "billsec": 10,
    "disposition": "ANSWERED",
    "amaflags": 3,
    "uniqueid": f"{START}.1",
    "userfield": "tag",
    "linkedid": f"{START}.1",
    "peeraccount": None,
    "sequence": 7,
}
FREEPBX = {k: v for k, v in UPSTREAM.items() if k not in ("start", "answer", "end")}
FREEPBX |= {"calldate": "2026-11-22T16:30:00", "did": "15550100", "cnum": "1", "recordingfile": ""}
SENT = """Event: Cdr\r
Privilege: cdr,all\r
AccountCode: acme\r
Source: 15559000001\r
Destination: 101\r
DestinationContext: from-trunk\r
CallerID: "Żak" <15559000001>\r
Channel: PJSIP/trunk-acme-00000001\r
DestinationChannel: PJSIP/101-00000002\r
LastApplication: Dial\r
LastData: PJSIP/101,8,tT\r
StartTime: 2026-11-22 16:30:00\r
AnswerTime: 2026-11-22 16:30:04\r
EndTime: 2026-11-22 16:30:14\r
Duration: 14\r
BillableSeconds: 10\r
Disposition: ANSWERED\r
AMAFlags: DOCUMENTATION\r
UniqueID: 1795365000.1\r
UserField: tag\r
linkedid: 1795365000.1\r
sequence: 7\r
\r
"""
SAMPLE = (
    b'"""\xc5\xbbak"" <15559000001>","15559000001","101","from-trunk","PJSIP/trunk-acme-00000001",'
    b'"PJSIP/101-00000002","Dial","PJSIP/101,8,tT","2026-11-22 16:30:00","2026-11-22 16:30:04",'
    b'"2026-11-22 16:30:14","14","10","ANSWERED","DOCUMENTATION","acme","1795365000.1","tag",7'
)
CSV = (
    b'"acme","15559000001","101","from-trunk","""\xc5\xbbak"" <15559000001>",'
    b'"PJSIP/trunk-acme-00000001","PJSIP/101-00000002","Dial","PJSIP/101,8,tT",'
    b'"2026-11-22 16:30:00","2026-11-22 16:30:04","2026-11-22 16:30:14",14,10,"ANSWERED",'
    b'"DOCUMENTATION","1795365000.1","tag","","1795365000.1",7'
)


def js(row: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({**row, **more}).encode()


def event(**more: Any) -> dict[str, Any]:
    row = {"id": 1, "time": "2026-11-22 16:30:00.250000", "callid": f"{START}.1"}
    return {**row, "queuename": "sales", "agent": "NONE", "event": "ENTERQUEUE", **more}


def test_all_tell_the_same_of_a_row() -> None:
    told = [
        asterisk_cdr_csv.parse(CSV),
        asterisk_cdr_row.parse(js(UPSTREAM)),
        asterisk_cdr_row.parse(js({name.upper(): value for name, value in UPSTREAM.items()})),
        asterisk_ami.parse(SENT.encode()),
    ]
    assert told == [told[0]] * 4
    sample = asterisk_cdr_custom.parse(SAMPLE)  # which has no linked id
    assert sample.key == told[0].key
    freepbx = asterisk_cdr_row.parse(js(FREEPBX))  # whose times are told by the seconds
    assert isinstance(freepbx.record, CdrRow)
    assert isinstance(told[0].record, CdrRow)
    assert (freepbx.key, freepbx.record.did) == (told[0].key, "15550100")
    assert (freepbx.record.answer, freepbx.record.end) == (
        told[0].record.answer,
        told[0].record.end,
    )


def test_rows_without_a_sequence_are_the_same_by_what_they_say() -> None:
    row = {name: value for name, value in FREEPBX.items() if name != "sequence"}
    old = CSV.rsplit(b',"","', 1)[0]
    raws = {asterisk_cdr_row: js(row), asterisk_cdr_csv: old}
    told = {form.parse(raw).digest(raw) for form, raw in raws.items()}
    assert len(told) == 1
    other = asterisk_cdr_row.parse(js(row, dstchannel="PJSIP/102-00000003"))
    assert other.digest(b"") not in told


def test_each_format_is_told_by_its_content() -> None:
    heads = {
        "asterisk_cdr_csv": MASTER.read_bytes()[:4000],
        "asterisk_cdr_custom": (V16 / "cdr-custom.csv").read_bytes()[:4000],
        "asterisk_queue_log": LOG.read_bytes()[:4000],
        "asterisk_cdr_row": js(FREEPBX),
        "asterisk_queue_log_row": js(event()),
        "asterisk_ami": js({"Event": "Newchannel", "Privilege": "call,all"}),
        "vicidial_row": js({"table": "vicidial_log"}),
    }
    found = {kind: detect(head + b"\n") for kind, head in heads.items()}
    assert {kind: form and form.KIND for kind, form in found.items()} == {k: k for k in heads}
    sample = detect(SAMPLE + b"\n")
    assert sample is asterisk_cdr_custom


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"calldate": None}, "no start time"),
        ({"calldate": "0000-00-00 00:00:00"}, "no start time"),
        ({"calldate": "yesterday"}, "the start time cannot be read"),
        ({"calldate": "9999-12-31 23:59:59"}, "the start time cannot be read"),
        ({"duration": None}, "the duration is not a number"),
        ({"billsec": -1}, "the billed time is not a number"),
        ({"duration": 999_999_999}, TOO_LONG),
        ({"sequence": "x"}, "the sequence is not a number"),
    ],
)
def test_rows_that_cannot_be(more: dict[str, Any], reason: str) -> None:
    parsed = asterisk_cdr_row.parse(js(FREEPBX, **more))
    assert (parsed.verdict, parsed.reason) == (Verdict.MALFORMED, reason)


@pytest.mark.parametrize("kind", sorted(FORMATS))
@pytest.mark.parametrize(
    "raw",
    [
        *(b"{", b"[" * 100_000, b'{"a":' * 100_000, b'{"time": 1e999}', b"null", b'"x"', b"{}"),
        b'{"callid": "\xff", "time": "' + b"9" * 60_000 + b'"}',
        b'{"sequence": ' + b"9" * 60_000 + b"}",
        js(event(zone="../../etc/passwd\0", time="2026-11-22 16:30:00")),
        js({"table": "vicidial_log", "uniqueid": "x", "call_date": "0001-01-01 00:00:00"}),
        b"Event: Cdr\r\nStartTime: \0\xff\r\n",
    ],
)
def test_no_bytes_break_a_format(kind: str, raw: bytes) -> None:
    parsed = FORMATS[kind].parse(raw)
    assert parsed.verdict in set(Verdict)
    assert len(parsed.reason) <= 100


def test_other_events_of_the_manager_are_kept() -> None:
    parsed = asterisk_ami.parse(b'{"Event": "QueueMemberPause", "Privilege": "agent,all"}')
    assert (parsed.verdict, parsed.record) == (Verdict.UNKNOWN, None)
    assert asterisk_ami.parse(b"Response: Success\r\n\r\n").verdict is Verdict.MALFORMED


def test_events_are_cut_from_what_the_manager_sent() -> None:
    other = "Event: Hangup\r\nPrivilege: call,all\r\n\r\n"
    pieces = pieces_of((other + SENT).encode())
    assert {piece.kind for piece in pieces} == {"asterisk_ami"}
    parsed = [asterisk_ami.parse(piece.raw) for piece in pieces]
    assert [one.verdict for one in parsed] == [Verdict.UNKNOWN, Verdict.OK]
    assert parsed[1] == asterisk_ami.parse(SENT.encode())


# --- rows of queue_log


def parsed_event(**more: Any) -> QueueEvent:
    record = asterisk_queue_log_row.parse(js(event(**more))).record
    assert isinstance(record, QueueEvent)
    return record


@pytest.mark.parametrize(
    ("columns", "data"),
    [
        ({"data1": "", "data2": "15559", "data3": "1", "data4": "", "data5": ""}, "|15559|1"),
        ({"data": "|15559|1"}, "|15559|1"),
        ({"data1": None}, ""),
        (
            {
                "event": "ATTENDEDTRANSFER",
                "data1": "LINK",
                "data2": "PJSIP/a-1",
                "data3": "PJSIP/b-2",
            }
            | {"data4": "2", "data5": "5|1"},
            "LINK|PJSIP/a-1|PJSIP/b-2|2|5|1",
        ),
        (
            {"event": "WITHDRAW", "data1": "1", "data2": "1", "data3": "5", "data4": ""},
            "1|1|5|",
        ),
        (
            {"event": "WITHDRAW", "data1": "1", "data2": "1", "data3": "5", "data4": "vip|desk"},
            "1|1|5|vip|desk",
        ),
    ],
)
def test_data_are_those_of_the_file(columns: dict[str, Any], data: str) -> None:
    assert "|".join(parsed_event(**columns).data) == data


@pytest.mark.parametrize(
    ("time", "zone", "made", "at"),
    [
        ("2026-11-22 16:30:00.25", "UTC", START, START),
        ("2026-11-22 17:30:00", "Europe/Warsaw", START, START),
        ("2026-11-22T17:30:00+01:00", "UTC", START, START),
        (str(START), "Europe/Warsaw", START, START),
        (f"{START}.250000", "", START, START),
        # The hour that happens twice: the call was made in the first, and in the second.
        ("2026-10-25 02:30:00", "Europe/Warsaw", 1792886400, 1792888200),
        ("2026-10-25 02:30:00", "Europe/Warsaw", 1792890000, 1792891800),
        ("2026-11-22 16:30:00", "Nowhere/At all", START, START),
    ],
)
def test_times_by_the_zone_and_the_call(time: str, zone: str, made: int, at: int) -> None:
    assert parsed_event(time=time, zone=zone, callid=f"{made}.1").at == at


def test_rows_of_the_table_are_the_lines_of_the_file() -> None:
    """All 677 events: those that the file has a second later are known by the order of both."""
    lines = (OLD_LOG.read_bytes() + LOG.read_bytes()).splitlines()
    known = {asterisk_queue_log.parse(line).digest(line): line for line in lines}
    missing = 0
    for row in rows_in(QUEUE_LOG, "queue_log"):
        parsed = asterisk_queue_log_row.parse(js(row, zone="UTC"))
        assert parsed.record is not None
        missing += parsed.digest(b"") not in known
    assert (len(known), missing) == (677, 11)


def test_rows_of_the_table_of_calls_are_the_rows_of_the_file() -> None:
    of_file = {asterisk_cdr_csv.parse(line).key for line in MASTER.read_bytes().splitlines()}
    of_table = {asterisk_cdr_row.parse(js(row)).key for row in rows_in(CDR, "cdr")}
    custom = (V16 / "cdr-custom.csv").read_bytes().splitlines()
    assert of_file == of_table == {asterisk_cdr_custom.parse(line).key for line in custom}
    assert (len(of_file), None in of_file) == (391, False)
