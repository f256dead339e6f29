"""What call detail records can say, and what is made of them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from portal.calls.built import BuiltCall
from portal.calls.sources import asterisk_cdr_csv as cdr
from portal.calls.sources import detect
from portal.calls.sources.records import TOO_LONG, CdrRow, Verdict
from tests.calls.logs import UTC, V16, calls_of

START = 1795365000  # 2026-11-22 16:30:00 UTC


def row(
    *,
    src: str = "15559000001",
    dst: str = "15550601",
    clid: str = "",
    channel: str = "PJSIP/trunk-acme-00000001",
    peer: str = "PJSIP/101-00000002",
    app: str = "Dial",
    data: str = "PJSIP/101,8,tT",
    start: str = "2026-11-22 16:30:00",
    answer: str = "2026-11-22 16:30:04",
    end: str = "2026-11-22 16:30:14",
    times: tuple[int, int] = (14, 10),
    disposition: str = "ANSWERED",
    more: str = f'"{START}.1","","","{START}.1",0',
) -> bytes:
    """Write one row as Asterisk does: text quoted, numbers bare, an absent time empty."""
    texts = ["", src, dst, "from-trunk", clid or f'"" <{src}>', channel, peer, app, data]
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
    stamps = [f'"{stamp}"' if stamp else "" for stamp in (start, answer, end)]
    end_of_row = [str(times[0]), str(times[1]), f'"{disposition}"', '"DOCUMENTATION"']
    return (",".join([*quoted, *stamps, *end_of_row, *([more] if more else [])]) + "\n").encode()


def only(*rows: bytes, zone: ZoneInfo = UTC) -> BuiltCall:
    calls = calls_of(b"".join(rows), zone=zone)
    assert len(calls) == 1
    return calls[0]


@pytest.mark.parametrize(
    ("more", "ids"),
    [
        ("", (None, "", None, None)),
        (f'"{START}.1"', (f"{START}.1", "", None, None)),
        ('"tag"', (None, "tag", None, None)),
        (f'"{START}.1","tag"', (f"{START}.1", "tag", None, None)),
        (f'"","{START}.1",7', (None, "", f"{START}.1", 7)),
        (f'"{START}.2","","{START}.1",7', (f"{START}.2", "", f"{START}.1", 7)),
        (f'"pbx-1-{START}.2","tag","","{START}.1",7', (f"pbx-1-{START}.2", "tag", f"{START}.1", 7)),
    ],
)
def test_widths_of_16_to_21_columns(
    more: str, ids: tuple[str | None, str, str | None, int | None]
) -> None:
    record = cdr.parse(row(more=more).rstrip(b"\n")).record
    assert isinstance(record, CdrRow)
    assert (record.unique_id, record.user_field, record.linked_id, record.sequence) == ids


@pytest.mark.parametrize(
    ("raw", "verdict", "reason"),
    [
        (b"", Verdict.BLANK, ""),
        (b'"a","b', Verdict.MALFORMED, "quotes do not match"),
        (b'me","15559000001"', Verdict.MALFORMED, "quotes do not match"),
        (b'"a","b"', Verdict.MALFORMED, "2 columns, not 16 to 21"),
        (row(times=(14, 10), start="").strip(), Verdict.MALFORMED, "no start time"),
        (
            row(start="2026-13-22 16:30:00").strip(),
            Verdict.MALFORMED,
            "the start time cannot be read",
        ),
        (
            row().replace(b",14,10,", b",14.5,10,").strip(),
            Verdict.MALFORMED,
            "the duration is not a number",
        ),
        (row().replace(b",14,10,", b",8640000,10,").strip(), Verdict.OK, ""),
        (row().replace(b",14,10,", b",8640001,10,").strip(), Verdict.MALFORMED, TOO_LONG),
        (row().replace(b",14,10,", b",14,999999999,").strip(), Verdict.MALFORMED, TOO_LONG),
    ],
)
def test_verdicts(raw: bytes, verdict: Verdict, reason: str) -> None:
    parsed = cdr.parse(raw)
    assert (parsed.verdict, parsed.reason) == (verdict, reason)


def test_the_other_master_csv_is_not_taken_for_this_one() -> None:
    custom = b'"2026-11-22 16:37:53","""x"" <1>","1","2","ctx","a","b","Queue","s","2026-11-22 16'
    assert detect(custom * 2) is None
    assert detect(b"id,kind,direction\nT1,a,in\n") is None
    assert detect((V16 / "queue_log").read_bytes()) is not None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r'"O\\\"Brien" <1>', 'O"Brien'),
        (r'"back\\\\slash" <1>', "back\\slash"),
        (r'"back\\slash" <1>', "back\\slash"),
        ('"" <1>', ""),
        ('"Smith, John; Ltd" <1>', "Smith, John; Ltd"),
        ('"=1+1" <1>', "=1+1"),
        ("15559000001", ""),
    ],
)
def test_names(written: str, name: str) -> None:
    assert only(row(clid=written)).caller_name == name


def test_a_direct_call_is_one_visit() -> None:
    call = only(row())
    assert (call.direction, call.number, call.did) == ("in", "15559000001", "15550601")
    assert (call.result, call.wait, call.talk, call.trunk) == (
        "answered",
        4,
        10,
        "PJSIP/trunk-acme",
    )
    assert [(v.kind, v.agent, v.started) for v in call.visits] == [("direct", "PJSIP/101", START)]


def test_phones_rung_one_after_another_are_one_visit() -> None:
    call = only(
        row(
            answer="",
            end="2026-11-22 16:30:08",
            times=(8, 0),
            disposition="NO ANSWER",
        ),
        row(
            peer="PJSIP/102-00000003",
            data="PJSIP/102,8",
            start="2026-11-22 16:30:08",
            answer="2026-11-22 16:30:11",
            end="2026-11-22 16:30:20",
            times=(12, 9),
            more=f'"{START}.1","","","{START}.1",1',
        ),
    )
    (visit,) = call.visits
    assert (visit.agent, visit.wait, visit.talk) == ("PJSIP/102", 11, 9)
    assert [(o.agent, o.result) for o in visit.offers] == [
        ("PJSIP/101", "no_answer"),
        ("PJSIP/102", "answered"),
    ]


def test_a_transfer_after_an_answer_is_another_visit() -> None:
    call = only(
        row(),
        row(
            dst="103",
            peer="PJSIP/103-00000003",
            data="PJSIP/103,8",
            start="2026-11-22 16:30:14",
            answer="2026-11-22 16:30:14",
            end="2026-11-22 16:30:24",
            times=(10, 10),
            more=f'"{START}.1","","","{START}.1",1',
        ),
    )
    assert [(v.kind, v.agent, v.talk) for v in call.visits] == [
        ("direct", "PJSIP/101", 10),
        ("transfer", "PJSIP/103", 10),
    ]
    assert call.did == "15550601"


@pytest.mark.parametrize(
    ("disposition", "result"),
    [
        ("NO ANSWER", "no_answer"),
        ("BUSY", "busy"),
        ("FAILED", "failed"),
        ("CONGESTION", "failed"),
        ("CANCEL", "abandoned"),
        ("SOMETHING NEW", "no_answer"),
    ],
)
def test_nobody_answered(disposition: str, result: str) -> None:
    call = only(row(answer="", times=(14, 0), disposition=disposition))
    assert (call.result, call.wait, call.talk) == (result, 14, 0)


@pytest.mark.parametrize(
    ("app", "result"),
    [("Hangup", "refused"), ("Read", "left_menu"), ("Answer", "left_menu"), ("Queue", "abandoned")],
)
def test_the_pick_up_by_a_menu_or_a_queue_is_no_answer(app: str, result: str) -> None:
    assert only(row(peer="", app=app, data="")).result == result


@pytest.mark.parametrize(
    "data",
    ["PJSIP/015551234@trunk-acme,8,T", "PJSIP/trunk-acme/015551234,8"],
)
def test_calls_to_a_line_are_outbound(data: str) -> None:
    call = only(
        row(
            src="15550100",
            dst="9015551234",
            channel="PJSIP/102-00000001",
            peer="PJSIP/trunk-acme-00000002",
            data=data,
        )
    )
    assert (call.direction, call.number, call.did) == ("out", "9015551234", "15550100")
    assert [(v.agent, v.offers) for v in call.visits] == [("PJSIP/102", [])]


def test_calls_between_phones_are_internal() -> None:
    call = only(row(src="101", dst="103", channel="PJSIP/101-00000001", peer="PJSIP/103-00000002"))
    assert (call.direction, call.number, call.visits[0].agent) == ("internal", "101", "PJSIP/103")


def test_a_local_channel_is_seen_through() -> None:
    call = only(
        row(peer="Local/101@from-queue-00000007;1", data="Local/101@from-queue"),
        row(
            channel="Local/101@from-queue-00000007;2",
            more=f'"{START}.3","","","{START}.1",1',
        ),
    )
    assert [(v.agent, v.talk) for v in call.visits] == [("PJSIP/101", 10)]


def test_a_queue_without_its_log_is_built_from_the_rows() -> None:
    lost = row(
        peer="PJSIP/102-00000003",
        app="Queue",
        data="sales,tT,,,25",
        answer="",
        end="2026-11-22 16:30:04",
        times=(4, 0),
        disposition="NO ANSWER",
    )
    won = row(app="Queue", data="sales,tT,,,25", more=f'"{START}.1","","","{START}.1",1')
    call = only(lost, won)
    (visit,) = call.visits
    assert (visit.queue, visit.agent, visit.wait, visit.talk) == ("sales", "PJSIP/101", 4, 10)


def test_the_hour_that_comes_twice_is_told_by_the_id() -> None:
    warsaw = ZoneInfo("Europe/Warsaw")
    second = 1792889985  # 2026-10-25 00:59:45 UTC, 02:59:45 in Warsaw; then the clock goes back
    first = only(
        row(
            start="2026-10-25 02:59:45",
            answer="2026-10-25 02:59:50",
            end="2026-10-25 02:00:08",
            times=(23, 18),
            more=f'"{second}.1","","","{second}.1",0',
        ),
        zone=warsaw,
    )
    assert (first.started, first.ended, first.wait, first.talk) == (second, second + 23, 5, 18)
    again = second + 3600
    later = only(
        row(
            start="2026-10-25 02:59:45",
            answer="2026-10-25 02:59:50",
            end="2026-10-25 03:00:08",
            times=(23, 18),
            more=f'"{again}.1","","","{again}.1",0',
        ),
        zone=warsaw,
    )
    assert (later.started, later.ended) == (again, again + 23)


def test_rows_without_any_id_are_told_apart_by_their_zone_and_channel() -> None:
    calls = calls_of(
        row(more="")
        + row(
            more="",
            start="2026-11-22 18:30:00",
            answer="2026-11-22 18:30:04",
            end="2026-11-22 18:30:14",
        ),
        zone=ZoneInfo("Europe/Warsaw"),
    )
    assert [call.started for call in calls] == [START - 3600, START + 3600]


def test_rows_of_one_id_and_sequence_are_one_however_written() -> None:
    assert calls_of(row() + row().replace(b'"",', b'"",', 1)) == calls_of(row())
    assert calls_of(row(), row().replace(b"\n", b"\r\n")) == calls_of(row())


def test_a_tag_that_all_calls_share_makes_no_call_of_two() -> None:
    def tagged(number: int, **values: str) -> bytes:
        more = f'"{START}.{number}","client","","{START}.{number}",{number}'
        channel = f"PJSIP/trunk-acme-0000000{number}"
        return row(src=f"1555900000{number}", channel=channel, more=more, **values)

    calls = calls_of(
        tagged(1)
        + tagged(2, peer="PJSIP/102-00000008", start="2026-11-22 16:30:02")
        + tagged(3, peer="", app="Read", data="", start="2026-11-22 16:30:03")
    )
    assert [call.number for call in calls] == ["15559000001", "15559000002", "15559000003"]


def question(peer: str, *, tag: str, disposition: str = "NO ANSWER") -> bytes:
    """Write the row of a call that phone 101 makes while it is on the call of ``row()``."""
    return row(
        src="101",
        dst="104",
        channel="PJSIP/101-00000005",
        peer=peer,
        data="PJSIP/104,8",
        start="2026-11-22 16:30:06",
        answer="2026-11-22 16:30:08" if disposition == "ANSWERED" else "",
        end="2026-11-22 16:30:11",
        times=(5, 3 if disposition == "ANSWERED" else 0),
        disposition=disposition,
        more=f'"{START + 6}.5","{tag}","","{START + 6}.5",5',
    )


def test_a_question_that_came_to_nothing_is_part_of_the_call() -> None:
    tagged = row(more=f'"{START}.1","T1","","{START}.1",0')
    call = only(tagged, question("PJSIP/104-00000006", tag="T1"))
    assert [(v.kind, v.result, v.agent) for v in call.visits] == [
        ("direct", "answered", "PJSIP/101"),
        ("consultation", "no_answer", None),
    ]
    assert (call.result, call.wait, call.talk) == ("answered", 4, 10)


@pytest.mark.parametrize(("one", "other"), [("T1", "T2"), ("", "")])
def test_calls_that_nothing_ties_are_two(one: str, other: str) -> None:
    calls = calls_of(
        row(more=f'"{START}.1","{one}","","{START}.1",0')
        + question("PJSIP/104-00000006", tag=other)
    )
    assert [(call.direction, call.number) for call in calls] == [
        ("in", "15559000001"),
        ("internal", "101"),
    ]


def test_the_row_of_a_hangup_handler_says_nothing() -> None:
    handler = row(
        dst="h",
        peer="PJSIP/101-00000002",
        app="Return",
        data="",
        start="2026-11-22 16:30:14",
        answer="2026-11-22 16:30:14",
        times=(0, 0),
        more=f'"{START}.1","","","{START}.1",1',
    )
    assert calls_of(row() + handler) == calls_of(row())
    refused = row(peer="", app="Hangup", data="")
    assert only(refused, handler.replace(b"PJSIP/101-00000002", b"")).result == "refused"
