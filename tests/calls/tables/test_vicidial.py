"""What the tables of a VICIdial say of its calls, from tables that the tests make."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.calls.builders import build
from portal.calls.following.polling import take
from portal.calls.models import Call, Visit
from portal.calls.sources import vicidial_row
from portal.calls.sources.records import Verdict
from portal.extensions import db
from tests.calls.logs import UTC
from tests.calls.tables.exchange import Reader, write
from tests.calls.tables.test_polling import follower

T = 1795365000  # 2026-11-22 16:30:00 UTC
NASTY = 'İş "<img src=x onerror=alert(1)>" =1+1'
WARSAW = ZoneInfo("Europe/Warsaw")


def local(second, zone=UTC):
    return dt.datetime.fromtimestamp(second, zone).strftime("%Y-%m-%d %H:%M:%S")


def dialled(number, status, user="VDAD", *, length=60, reason="NONE", **more):
    """Return the row of one outbound call, ``number`` minutes after the beginning."""
    at = T + 60 * number
    row = {"uniqueid": f"{at}.{number}", "lead_id": number, "list_id": 101, "campaign_id": "SPRING"}
    row |= {"call_date": local(at), "start_epoch": at, "end_epoch": at + length}
    row |= {"length_in_sec": length, "status": status, "phone_number": f"600100{number:03}"}
    return {**row, "user": user, "comments": "AUTO", "term_reason": reason, **more}


def came(number, status, user="VDCL", *, length=60, wait="12.00", reason="NONE", **more):
    """Return the row of one call in an in-group."""
    at = T + 60 * number
    row = {"closecallid": 500 + number, "lead_id": number, "campaign_id": "SUPPORT_IN"}
    row |= {"call_date": local(at), "start_epoch": at, "end_epoch": at + length}
    row |= {"length_in_sec": length, "status": status, "phone_number": f"700200{number:03}"}
    row |= {"user": user, "queue_seconds": wait, "xfercallid": 0, "term_reason": reason}
    return {**row, "uniqueid": f"{at}.{number}", **more}


def worked(number, user, *, after, talk, dead=0, **more):
    """Return the row of what an operator did about a call."""
    at = T + 60 * number
    row = {"agent_log_id": 900 + number, "user": user, "event_time": local(at), "lead_id": number}
    row |= {"pause_epoch": at - 30, "wait_epoch": at - 20, "talk_epoch": at + after}
    row |= {"talk_sec": talk, "dead_sec": dead, "dispo_epoch": at + after + talk, "status": "SALE"}
    return {**row, "uniqueid": f"{at}.{number}", **more}


def built(tmp_path, zone=UTC, **tables):
    """Return the calls of tables, by the last three digits of their numbers."""
    path = tmp_path / "asterisk.db"
    for name, rows in tables.items():
        write(path, f"vicidial_{name}", rows)
    reader = Reader(path)
    reader.look()
    reader.close()
    calls = build(reader.records(), zone)
    assert all(call.key in call.threads for call in calls)
    return {int(call.number[-3:]): call for call in calls}


def said(call):
    return [
        (v.kind, v.queue, v.agent, v.result, v.wait, v.talk, v.ended_by, v.transferred_to)
        for v in call.visits
    ]


def test_calls_that_came_in(tmp_path):
    calls = built(
        tmp_path,
        closer_log=[
            came(1, "SALE", "1001", length=80, reason="CALLER"),
            came(2, "DROP", reason="ABANDON", length=12),
            came(3, "TIMEOT", reason="QUEUETIMEOUT"),
            came(4, "AFTHRS", reason="AFTERHOURS", wait=0, length=0),
            came(5, "NANQUE", reason="NOAGENT", wait=0),
            came(6, "DROP", reason="HOLDTIME"),
            came(7, "LIVE", end_epoch=None, length_in_sec=None, wait=None),
            came(8, "N", "1002", reason="AGENT", length=30),
        ],
        agent_log=[worked(1, "1001", after=12, talk=60, dead=5)],
        did_log=[
            {"uniqueid": f"{T + 60}.1", "channel": "SIP/trunk-a-0000001f", "call_date": local(T)}
            | {"extension": "15550100", "caller_id_number": "700200001", "caller_id_name": NASTY},
            {"uniqueid": f"{T}.9", "channel": "SIP/trunk-a-00000020", "call_date": local(T)}
            | {"extension": "15550200", "caller_id_number": "700200009", "caller_id_name": ""},
        ],
    )
    queue = ("queue", "SUPPORT_IN")
    assert {number: said(call) for number, call in calls.items()} == {
        1: [(*queue, "1001", "answered", 12, 55, "caller", None)],
        2: [(*queue, None, "abandoned", 12, None, "caller", None)],
        3: [(*queue, None, "timed_out", 12, None, "exchange", None)],
        4: [(*queue, None, "refused", 0, None, "exchange", None)],
        5: [(*queue, None, "queue_empty", 0, None, "exchange", None)],
        6: [(*queue, None, "left_by_key", 12, None, None, None)],
        7: [(*queue, None, "in_progress", None, None, None, None)],
        8: [(*queue, "1002", "answered", 12, 18, "operator", None)],
        9: [("direct", None, None, "left_menu", None, None, None, None)],
    }
    first = calls[1]
    assert (first.did, first.trunk, first.caller_name) == ("15550100", "SIP/trunk-a", NASTY)
    assert (first.direction, first.account, first.wait, first.talk) == ("in", "", 12, 55)
    assert (first.started, first.ended, first.visits[0].answered) == (T + 60, T + 140, T + 72)


def test_calls_that_were_dialled_by_what_their_statuses_mean(tmp_path):
    statuses = [
        {"status": status, "human_answered": human, "sale": "N", "customer_contact": human}
        for status, human in (("A", "N"), ("SALE", "Y"), ("MINE", "N"), ("NA", "N"))
    ]
    of_campaigns = [{**statuses[2], "campaign_id": "SPRING", "human_answered": "Y"}]
    calls = built(
        tmp_path,
        statuses=statuses,
        campaign_statuses=of_campaigns,
        log=[
            dialled(1, "SALE", "1001", reason="AGENT"),
            dialled(2, "A", "1001", reason="AGENT"),
            dialled(3, "MINE", "1001", length=40),
            dialled(4, "MINE", "1001", campaign_id="OTHER"),
            dialled(5, "NA", length=30),
            dialled(6, "AB", length=3),
            dialled(7, "ADC"),
            dialled(8, "DROP", length=9),
            dialled(9, "INCALL", "1001", end_epoch=None, length_in_sec=None),
        ],
        agent_log=[worked(1, "1001", after=8, talk=70_000, talk_sec=65_535, dead=10)],
        carrier_log=[
            {"uniqueid": f"{T + 60}.1", "channel": "SIP/gw-0000001a", "call_date": local(T)}
        ],
    )
    answers = {1: "answered", 2: "no_answer", 3: "answered", 4: "no_answer", 5: "no_answer"}
    others = {6: "busy", 7: "failed", 8: "abandoned", 9: "in_progress"}
    assert {n: call.visits[0].result for n, call in calls.items()} == answers | others
    assert said(calls[1]) == [
        ("direct", None, "1001", "answered", 8, 69_990, "operator", None),
    ]
    assert (calls[3].wait, calls[3].talk) == (None, 40)
    assert {(call.direction, call.did) for call in calls.values()} == {("out", None)}
    assert {call.account for call in calls.values()} == {"SPRING", "OTHER"}
    assert (calls[1].trunk, calls[1].number) == ("SIP/gw", "600100001")


def test_who_is_handed_on_stays_in_one_call(tmp_path):
    other = f"{T + 100}.77"
    calls = built(
        tmp_path,
        log=[dialled(1, "XFER", "1001", length=40, reason="AGENT")],
        closer_log=[came(2, "SALE", "2002", uniqueid=other, wait=3, length=50, reason="CALLER")],
        agent_log=[
            worked(1, "1001", after=5, talk=30),
            worked(2, "2002", after=3, talk=47, uniqueid=other),
        ],
        xfer_log=[
            {"xfercallid": 4, "call_date": local(T + 95), "front_uniqueid": f"{T + 60}.1"}
            | {"close_uniqueid": other, "user": "1001", "closer": "2002"},
        ],
    )
    assert said(calls[1]) == [
        ("direct", None, "1001", "answered", 5, 30, "transfer", "SUPPORT_IN"),
        ("queue", "SUPPORT_IN", "2002", "answered", 3, 47, "caller", None),
    ]
    assert (len(calls), calls[1].talk, calls[1].wait) == (1, 77, 5)


def test_times_without_an_epoch_are_those_of_the_zone(tmp_path):
    row = came(1, "DROP", start_epoch=None, end_epoch=None, call_date=local(T, WARSAW), length=20)
    call = built(tmp_path, WARSAW, closer_log=[{**row, "uniqueid": f"{T}.5"}])[1]
    assert (call.started, call.ended) == (T, T + 20)


@pytest.mark.parametrize("epoch", [0, 5, "x", 9_999_999_999])
def test_an_epoch_that_cannot_be_leaves_the_local_time(tmp_path, epoch):
    row = came(1, "DROP", call_date=local(T, WARSAW), uniqueid=f"{T}.5", length=20)
    row |= {"start_epoch": epoch, "end_epoch": None, "pause_epoch": 1700000000}
    assert built(tmp_path, WARSAW, closer_log=[row])[1].started == T


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [
        (b'{"table": "vicidial_statuses", "status": "A"}', Verdict.UNKNOWN),
        (b'{"table": "vicidial_log", "uniqueid": ""}', Verdict.MALFORMED),
        (b'{"table": "vicidial_log", "uniqueid": "1.1", "call_date": "x"}', Verdict.MALFORMED),
        (b'{"table": "vicidial_log", "uniqueid": "1.1", "start_epoch": -5}', Verdict.MALFORMED),
        (b'{"table": "vicidial_log", "uniqueid": "1", "pause_epoch": 1795365000}', "malformed"),
        (b"[]", Verdict.MALFORMED),
        (b"", Verdict.BLANK),
    ],
)
def test_rows_that_make_no_call(raw, verdict):
    parsed = vicidial_row.parse(raw)
    assert (parsed.verdict, parsed.record) == (verdict, None)


ROWS = [
    *(("log", dialled(n, "SALE", "1001", reason="AGENT")) for n in (1, 2)),
    *(("agent_log", worked(n, "1001", after=4, talk=30, dead=n)) for n in (1, 2)),
    ("closer_log", came(3, "XFER", NASTY, length=30)),
    ("closer_log", came(4, "SALE", NASTY, uniqueid=f"{T + 180}.3", closecallid=600)),
    ("agent_log", worked(4, NASTY, after=12, talk=40, uniqueid=f"{T + 180}.3")),
    ("closer_log", came(5, "DROP", reason="ABANDON", campaign_id=NASTY)),
    ("xfer_log", {"xfercallid": 1, "call_date": local(T), "front_uniqueid": f"{T + 60}.1"}),
]


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(len(ROWS))), again=st.lists(st.integers(0, len(ROWS) - 1)))
def test_the_order_of_rows_changes_nothing(order, again):
    told = [
        vicidial_row.parse(json.dumps({**row, "table": f"vicidial_{table}"}).encode()).record
        for table, row in ROWS
    ]
    assert build([told[n] for n in [*order, *again]], UTC) == build(told, UTC)


def test_rows_that_change_after_the_call_change_the_call(source, tmp_path):
    path = tmp_path / "asterisk.db"
    begun = came(1, "INCALL", "1001", end_epoch=None, length_in_sec=None, lead_id=NASTY)
    write(path, "vicidial_closer_log", [begun])
    exchange = follower(path)
    take(exchange, source)
    call, visit = db.session.scalars(select(Call)).one(), db.session.scalars(select(Visit)).one()
    ids = (call.id, visit.id)
    assert (visit.result, visit.talk_s, visit.ended_at) == ("answered", None, None)
    assert (call.ended_at, visit.queue_raw, visit.agent_raw) == (None, "SUPPORT_IN", "1001")
    path.unlink()
    exchange.close()
    write(path, "vicidial_closer_log", [came(1, "SALE", "1001", length=80, reason="CALLER")])
    write(path, "vicidial_agent_log", [worked(1, "1001", after=12, talk=60, dead=5)])
    write(path, "vicidial_log", [dialled(2, "DROP", campaign_id=NASTY)])
    assert take(exchange, source)
    assert not take(exchange, source)
    exchange.close()
    db.session.expire_all()
    came_in = db.session.scalars(select(Call).filter_by(direction="in")).one()
    assert (came_in.id, came_in.result, came_in.talk_s) == (ids[0], "answered", 55)
    out = db.session.scalars(select(Visit).filter_by(direction="out")).one()
    assert (out.account_raw, out.result) == (NASTY, "abandoned")
    assert db.session.get(Visit, (source.company_id, ids[1])).wait_s == 12
