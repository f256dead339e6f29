"""What a queue log can say, and what is made of it."""

from __future__ import annotations

import pytest

from portal.calls.built import BuiltCall, BuiltVisit
from portal.calls.sources import asterisk_queue_log as queue_log
from portal.calls.sources.records import TOO_LONG, Verdict
from tests.calls.logs import calls_of, events

T = 1795365000


def lines(*texts: str) -> bytes:
    """Write events; ``5|a|sales|…`` is 5 s after the start, in the call ``a``."""
    written = []
    for text in texts:
        at, call, rest = text.split("|", 2)
        call = call if call in ("NONE", "MANAGER") else f"{T}.{ord(call)}"
        written.append(f"{T + int(at)}|{call}|{rest}")
    return events(*written)


def call_of(*texts: str) -> BuiltCall:
    calls = calls_of(lines(*texts))
    assert len(calls) == 1
    return calls[0]


def visit_of(*texts: str) -> BuiltVisit:
    visits = call_of(*texts).visits
    assert len(visits) == 1
    return visits[0]


ENTERED = "0|a|sales|NONE|ENTERQUEUE||49305551771|1"
CONNECTED = "7|a|sales|PJSIP/101|CONNECT|7|1795365005.9|2"


@pytest.mark.parametrize(
    ("ending", "result", "wait", "talk", "ended_by"),
    [
        ("9|a|sales|NONE|ABANDON|1|1|9", "abandoned", 9, None, "caller"),
        ("9|a|sales|NONE|EXITWITHTIMEOUT|1|1|9", "timed_out", 9, None, "exchange"),
        ("9|a|sales|NONE|EXITEMPTY|1|1|9", "queue_empty", 9, None, "exchange"),
        ("9|a|sales|NONE|EXITWITHKEY|5|1|1|9", "left_by_key", 9, None, "caller"),
        ("9|a|sales|NONE|EXITWITHKEY|5|1", "left_by_key", 9, None, "caller"),
        ("9|a|sales|NONE|WITHDRAW|1|1|9|vip|desk", "withdrawn", 9, None, "exchange"),
        ("9|a|sales|PJSIP/101|SYSCOMPAT", "failed", 9, None, "exchange"),
        ("9|a|sales|PJSIP/101|ABANDON|1|1|9", "abandoned", 9, None, "caller"),
    ],
)
def test_endings_without_an_answer(
    ending: str, result: str, wait: int, talk: int | None, ended_by: str
) -> None:
    visit = visit_of(ENTERED, ending)
    found = (visit.result, visit.wait, visit.talk, visit.ended_by, visit.agent)
    assert found == (result, wait, talk, ended_by, None)


@pytest.mark.parametrize(
    ("ending", "ended_by", "target"),
    [
        ("19|a|sales|PJSIP/101|COMPLETECALLER|7|12|1", "caller", None),
        ("19|a|sales|PJSIP/101|COMPLETEAGENT|7|12|1", "operator", None),
        ("19|a|sales|PJSIP/101|BLINDTRANSFER|103|from-internal|7|12|1", "transfer", "103"),
        ("19|a|sales|PJSIP/101|TRANSFER|103|from-internal|7|12|1", "transfer", "103"),
        ("19|a|sales|PJSIP/101|TRANSFER|103|from-internal|7|12", "transfer", "103"),
        ("19|a|sales|PJSIP/101|ATTENDEDTRANSFER|BRIDGE|b36709b2|7|12|1", "transfer", None),
        ("19|a|sales|PJSIP/101|ATTENDEDTRANSFER|APP|Queue|7|12|1", "transfer", "Queue"),
        (
            "19|a|sales|PJSIP/101|ATTENDEDTRANSFER|LINK|Local/x;1|Local/x;2|7|12|1",
            "transfer",
            None,
        ),
    ],
)
def test_endings_of_an_answered_visit(ending: str, ended_by: str, target: str | None) -> None:
    visit = visit_of(ENTERED, CONNECTED, ending)
    assert (visit.result, visit.wait, visit.talk) == ("answered", 7, 12)
    assert (visit.ended_by, visit.transferred_to, visit.agent) == (ended_by, target, "PJSIP/101")


@pytest.mark.parametrize("swapped", [False, True])
def test_two_endings_are_one_visit_and_the_transfer_counts(swapped: bool) -> None:
    endings = [
        "19|a|sales|PJSIP/101|COMPLETECALLER|7|12|1",
        "19|a|sales|PJSIP/101|ATTENDEDTRANSFER|LINK|Local/x;1|Local/x;2|7|12|1",
    ]
    visit = visit_of(ENTERED, CONNECTED, *(reversed(endings) if swapped else endings))
    assert (visit.ended_by, visit.wait, visit.talk) == ("transfer", 7, 12)


def test_the_next_queue_may_be_entered_before_the_last_is_left() -> None:
    call = call_of(
        ENTERED,
        CONNECTED,
        "19|a|support|NONE|ENTERQUEUE||49305551771|1",
        "19|a|sales|PJSIP/101|BLINDTRANSFER|7002|from-internal|7|12|1",
        "21|a|support|Carla Támez|CONNECT|2|1795365020.9|1",
        "25|a|support|Carla Támez|COMPLETEAGENT|2|4|1",
    )
    found = [(v.queue, v.agent, v.wait, v.talk, v.ended_by) for v in call.visits]
    assert found == [
        ("sales", "PJSIP/101", 7, 12, "transfer"),
        ("support", "Carla Támez", 2, 4, "operator"),
    ]
    assert (call.wait, call.talk) == (7, 16)


def test_the_same_queue_again_is_a_second_visit() -> None:
    call = call_of(
        ENTERED,
        "9|a|sales|NONE|EXITWITHTIMEOUT|1|1|9",
        "12|a|sales|NONE|ENTERQUEUE||49305551771|1",
        "15|a|sales|NONE|ABANDON|1|1|3",
    )
    assert [(v.queue, v.result, v.wait) for v in call.visits] == [
        ("sales", "timed_out", 9),
        ("sales", "abandoned", 3),
    ]
    assert len({v.key for v in call.visits}) == 2


def test_lines_count_in_their_order_although_the_clock_steps_back() -> None:
    visit = visit_of(
        "100|a|sales|NONE|ENTERQUEUE||49305551771|1",
        "40|a|sales|PJSIP/101|CONNECT|7|1795365005.9|2",
        "52|a|sales|PJSIP/101|COMPLETECALLER|7|12|1",
    )
    assert (visit.result, visit.wait, visit.talk) == ("answered", 7, 12)


def test_a_start_of_the_exchange_ends_what_was_up() -> None:
    calls = calls_of(
        lines(
            "0|a|sales|NONE|ENTERQUEUE||1|1",
            "1|b|sales|NONE|ENTERQUEUE||2|1",
            "3|b|sales|PJSIP/101|CONNECT|2|1795365005.9|2",
            "60|NONE|NONE|NONE|QUEUESTART|",
            "61|c|sales|NONE|ENTERQUEUE||3|1",
        )
    )
    visits = [visit for call in calls for visit in call.visits]
    assert [(v.result, v.wait, v.talk, v.ended) for v in visits] == [
        ("lost", None, None, None),
        ("answered", 2, None, None),
        ("in_progress", None, None, None),
    ]


def test_what_an_exchange_ended_as_it_stopped_was_ended_by_nobody() -> None:
    visit = visit_of(
        ENTERED,
        CONNECTED,
        "19|a|sales|PJSIP/101|COMPLETEAGENT|7|12|1",
        "22|NONE|NONE|NONE|QUEUESTART|",
    )
    assert (visit.result, visit.talk, visit.ended_by) == ("answered", 12, None)


def test_a_reload_or_rotation_ends_nothing() -> None:
    visit = visit_of(ENTERED, "3|NONE|NONE|NONE|CONFIGRELOAD|", "9|a|sales|NONE|ABANDON|1|1|9")
    assert visit.result == "abandoned"


@pytest.mark.parametrize(
    ("line", "started"),
    [
        ("30|a|sales|PJSIP/101|CONNECT|7|1795365005.9|2", 23),
        ("30|a|sales|PJSIP/101|COMPLETECALLER|7|12|1", 11),
        ("30|a|sales|NONE|ABANDON|1|1|9", 21),
        ("30|a|sales|PJSIP/101|RINGNOANSWER|4000", 30),
    ],
)
def test_a_visit_whose_entry_is_in_a_file_not_read_is_there(line: str, started: int) -> None:
    assert visit_of(line).started == T + started


def test_offers() -> None:
    visit = visit_of(
        ENTERED,
        "1|a|sales|PJSIP/102|RINGNOANSWER|0",
        "1|a|sales|PJSIP/102|RINGNOANSWER|0",
        "5|a|sales|PJSIP/103|RINGNOANSWER|4000",
        CONNECTED,
        "19|a|sales|PJSIP/101|COMPLETEAGENT|7|12|1",
    )
    assert [(o.agent, o.result, o.ring_ms) for o in visit.offers] == [
        ("PJSIP/102", "refused", 0),
        ("PJSIP/102", "refused", 0),
        ("PJSIP/103", "no_answer", 4000),
        ("PJSIP/101", "answered", 2000),
    ]


def test_events_of_no_call_make_none() -> None:
    assert (
        calls_of(
            lines(
                "0|NONE|NONE|Carla Támez|PAUSEALL|Lunch",
                "0|NONE|support|Carla Támez|PAUSE|Lunch",
                "1|MANAGER|sales|PJSIP/104|ADDMEMBER|",
                "2|NONE|sales|PJSIP/101|CUSTOMNOTE|free|text",
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("raw", "verdict", "reason"),
    [
        (b"", Verdict.BLANK, ""),
        (b"  \r", Verdict.BLANK, ""),
        (b"1795365000|1.1|sales|NONE|ABANDON|1|1|9\r", Verdict.OK, ""),
        (b"\0\0\0", Verdict.MALFORMED, "only NUL bytes"),
        (b"\0\0001795365000|1.1|sales|NONE|ABANDON|1", Verdict.MALFORMED, "no time at the start"),
        (b"1795365000|1.1|sales", Verdict.MALFORMED, "fewer than 5 fields"),
        (b"17953|1.1|sales|NONE|ABANDON", Verdict.MALFORMED, "no time at the start"),
        (b"1795365000|1.1|sales|NONE||", Verdict.MALFORMED, "no event name"),
        (b"1795365000|NONE|sales|NONE|CONNECT|1", Verdict.MALFORMED, "no call id or queue"),
        (b"1795365000|1.1||NONE|CONNECT|1", Verdict.MALFORMED, "no call id or queue"),
        (b"1795365000|1.1|sales|NONE|ABANDON|1|1|8640000", Verdict.OK, ""),
        (b"1795365000|1.1|sales|NONE|ABANDON|1|1|8640001", Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|CONNECT|999999999|c|1", Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|CONNECT|5|c|" + b"9" * 5000, Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|COMPLETECALLER|5|999999999|1", Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|EXITWITHKEY|1|1|1|999999999", Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|BLINDTRANSFER|1|d|5|999999999|1", Verdict.MALFORMED, TOO_LONG),
        (b"1795365000|1.1|sales|Z|TRANSFER|48600100200|d|5|60", Verdict.OK, ""),
        (b"1795365000|1.1|sales|Z|TRANSFER|600100200|d", Verdict.OK, ""),
        (b"1795365000|1.1|sales|NONE|JOINEMPTY", Verdict.UNKNOWN, "unknown event"),
        (b"1795365000|NONE|NONE|NONE|OUTCALL|1|2|3", Verdict.UNKNOWN, "unknown event"),
    ],
)
def test_verdicts(raw: bytes, verdict: Verdict, reason: str) -> None:
    parsed = queue_log.parse(raw)
    assert (parsed.verdict, parsed.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Żaneta <img src=x onerror=alert(1)>".encode(), "Żaneta <img src=x onerror=alert(1)>"),
        (b"Carla T\xe1mez", r"Carla T\xe1mez"),
        (b"Car\0la", "Car\ufffdla"),
        (b"=1+1", "=1+1"),
    ],
)
def test_names_are_kept_as_they_came(raw: bytes, shown: str) -> None:
    calls = calls_of(
        b"1795365000|1795365000.1|sales|NONE|ENTERQUEUE||1|1\n"
        b"1795365001|1795365000.1|sales|" + raw + b"|CONNECT|1|1795365000.2|1\n"
    )
    assert [visit.agent for call in calls for visit in call.visits] == [shown]
