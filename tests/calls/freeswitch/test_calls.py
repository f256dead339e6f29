"""What calls are made of legs: who was in which queue, who answered, for how long, who hung up."""

from __future__ import annotations

from typing import Any

import pytest

from portal.calls.built import BuiltCall, BuiltVisit
from tests.calls.freeswitch import scenes
from tests.calls.freeswitch.documents import T0, calls_of, leg, phone, queued, rung
from tests.calls.freeswitch.scenes import A1, A2, B1, B2, CALLER


def only(*documents: Any) -> BuiltCall:
    (call,) = calls_of(*documents)
    return call


def said(visit: BuiltVisit) -> tuple[Any, ...]:
    """What a visit is, times as seconds after T0."""
    return (
        visit.kind,
        visit.queue,
        visit.started - T0,
        visit.result,
        visit.agent,
        visit.wait,
        visit.talk,
        visit.ended_by,
        visit.transferred_to,
    )


def offers(visit: BuiltVisit) -> list[tuple[Any, ...]]:
    return [(offer.agent, offer.result, offer.ring_ms) for offer in visit.offers]


def test_a_call_that_a_queue_got_answered() -> None:
    call = only(*scenes.answered_in_queue())
    assert [said(v) for v in call.visits] == [
        ("queue", "sales", 2, "answered", "102", 18, 60, "caller", None)
    ]
    assert offers(call.visits[0]) == [("101", "no_answer", 12_000), ("102", "answered", 4_500)]
    assert (call.key, call.direction, call.did) == (CALLER, "in", "155509900")
    assert (call.number, call.caller_name) == ("+49301234567", 'Łukasz "O\'Brien" İnce')
    assert (call.started, call.ended, call.wait, call.talk) == (T0, T0 + 80, 18, 60)
    assert call.threads == {CALLER, A1, A2}


def test_the_callers_hang_up_in_a_queue_is_no_answer_though_it_was_billed() -> None:
    call = only(*scenes.abandoned_in_queue())
    assert [said(v) for v in call.visits] == [
        ("queue", "sales", 1, "abandoned", None, 30, None, "caller", None)
    ]
    assert offers(call.visits[0]) == [("101", "cancelled", 29_000)]


@pytest.mark.parametrize(
    ("reason", "result", "by"),
    [
        ("BREAK_OUT", "abandoned", "caller"),
        ("TIMEOUT", "timed_out", "exchange"),
        ("NO_AGENT_TIMEOUT", "queue_empty", "exchange"),
        ("EXIT_WITH_KEY", "left_by_key", "caller"),
        ("NONE", "abandoned", "caller"),
        ("of a version to come", "abandoned", "caller"),
    ],
)
def test_how_a_queue_was_left(reason: str, result: str, by: str) -> None:
    call = only(leg(CALLER, 0, 99, answer=0, **queued("sales", 5, cancelled=45, reason=reason)))
    assert [said(v) for v in call.visits] == [
        ("queue", "sales", 5, result, None, 40, None, by, None)
    ]


def test_a_call_that_went_through_two_queues_has_both() -> None:
    call = only(*scenes.passed_to_another_queue())
    assert [said(v) for v in call.visits] == [
        ("queue", "sales", 1, "answered", "101", 9, 30, "transfer", "7002"),
        ("queue", "support", 41, "answered", "103", 19, 40, "operator", None),
    ]
    assert call.did == "155509900"  # what the caller dialled, not what it was passed on to
    assert (call.wait, call.talk) == (9, 70)


def test_a_queue_in_which_nobody_was_rung_is_found_by_what_the_dialplan_did() -> None:
    document = leg(
        CALLER,
        0,
        90,
        answer=0,
        applications=[(1, "callcenter", "sales@default"), (31, "callcenter", "support@default")],
        **queued("support", 31, cancelled=90, reason="BREAK_OUT"),
    )
    assert [said(v) for v in only(document).visits] == [
        ("queue", "sales", 1, "timed_out", None, 30, None, "exchange", None),
        ("queue", "support", 31, "abandoned", None, 59, None, "caller", None),
    ]


def test_what_the_dialplan_only_had_in_mind_is_no_visit() -> None:
    document = leg(CALLER, 0, 9, answer=0, profiles=[(4, "7002")])
    queue = {"app_name": "callcenter", "app_data": "sales@default"}
    newest, oldest = document["callflow"]
    oldest["extension"] |= {"applications": [queue], "current_app": "callcenter"}
    newest["extension"] |= {"applications": [queue], "current_app": "playback"}
    assert [(v.kind, v.queue, v.started - T0) for v in only(document).visits] == [
        ("queue", "sales", 0)
    ]


def test_a_call_taken_out_of_a_queue_is_withdrawn() -> None:
    document = leg(
        CALLER,
        0,
        60,
        answer=0,
        transfer_history=f"{T0 + 20}:x:bl_xfer:9000/public/XML",
        **queued("sales", 1, cancelled=20, reason="BREAK_OUT"),
    )
    assert [said(v) for v in only(document).visits] == [
        ("queue", "sales", 1, "withdrawn", None, 19, None, "exchange", "9000")
    ]


def test_several_phones_of_which_one_wins() -> None:
    call = only(*scenes.direct())
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "answered", "102", 8, 41, "operator", None)
    ]
    assert offers(call.visits[0]) == [
        ("102", "answered", 8_000),
        ("103", "taken_by_other", 8_000),
    ]
    assert (call.direction, call.trunk) == ("in", "acme")


@pytest.mark.parametrize(
    ("cause", "result"),
    [
        ("LOSE_RACE", "taken_by_other"),
        ("PICKED_OFF", "taken_by_other"),
        ("ORIGINATOR_CANCEL", "taken_by_other"),
        ("USER_BUSY", "refused"),
        ("CALL_REJECTED", "refused"),
        ("UNALLOCATED_NUMBER", "refused"),
        ("OF_A_VERSION_TO_COME", "refused"),
    ],
)
def test_what_becomes_of_a_phone_that_did_not_get_the_call(cause: str, result: str) -> None:
    call = only(*scenes.direct(cause))
    assert offers(call.visits[0])[-1][:2] == ("103", result)


def test_a_call_that_its_caller_gave_up() -> None:
    call = only(*scenes.missed())
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "abandoned", None, 19, None, "caller", None)
    ]
    assert offers(call.visits[0]) == [("102", "cancelled", 19_000)]
    assert (call.result, call.wait, call.talk) == ("abandoned", 20, 0)


def test_a_mailbox_answers_for_nobody() -> None:
    call = only(*scenes.voicemail())
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "no_answer", None, 29, None, None, None)
    ]


@pytest.mark.parametrize(
    ("cause", "result"),
    [
        ("NO_ANSWER", "no_answer"),
        ("USER_BUSY", "busy"),
        ("NO_ROUTE_DESTINATION", "failed"),
        ("OF_A_VERSION_TO_COME", "failed"),
        ("SYSTEM_SHUTDOWN", "lost"),
        ("CRASH", "lost"),
    ],
)
def test_how_a_call_ended_that_nobody_took(cause: str, result: str) -> None:
    call = only(leg(CALLER, 0, 20, cause=cause), phone(B1, "102", CALLER, 1, 19, cause=cause))
    assert call.result == result


def test_an_outbound_call_waits_until_the_answer_not_until_its_ringing_tones() -> None:
    call = only(*scenes.outbound())
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "answered", "101", 11, 33, "operator", None)
    ]
    assert (call.direction, call.number, call.did) == ("out", "0048221234567", "+4930555")
    assert (call.trunk, call.account, call.context) == ("acme", "sales-out", "default")
    assert offers(call.visits[0]) == []


def test_ringing_tones_alone_are_no_answer() -> None:
    caller, far = scenes.outbound()
    far["variables"] |= {"answer_epoch": "0", "answer_uepoch": "0", "hangup_cause": "NO_ANSWER"}
    far["callflow"][0]["times"]["answered_time"] = "0"
    assert only(caller, far).result == "no_answer"


def test_a_call_in_the_house() -> None:
    call = only(*scenes.internal())
    assert [said(v)[:7] for v in call.visits] == [("direct", None, 1, "answered", "102", 4, 25)]
    assert (call.direction, call.number, call.did, call.trunk) == ("internal", "101", "102", None)


def test_who_is_asked_before_takes_the_call_over() -> None:
    call = only(*scenes.asked_before())
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "answered", "102", 9, 50, "transfer", None),
        ("transfer", None, 31, "answered", "103", 9, 80, "caller", None),
    ]
    assert call.key == CALLER


def test_who_is_asked_and_does_not_take_it_is_a_consultation() -> None:
    caller, first, _, asked = scenes.asked_before()
    caller["variables"] |= {"bridge_uuid": B1, "last_bridge_to": B1, "transfer_history": ""}
    first["variables"] |= {"hangup_cause": "NORMAL_CLEARING"}
    asked["variables"] |= {"originating_leg_uuid": B1, "bridge_uuid": B1, "last_bridge_to": B1}
    call = only(caller, first, asked)
    assert [said(v)[:7] for v in call.visits] == [
        ("direct", None, 1, "answered", "102", 9, 50),
        ("consultation", None, 31, "answered", "103", 9, 80),
    ]


def test_a_question_that_nothing_ties_to_the_call_is_a_call_of_its_own() -> None:
    caller, first, other, asked = scenes.asked_before()
    caller["variables"] |= {"bridge_uuid": B1, "last_bridge_to": B1, "transfer_history": ""}
    asked["variables"] |= {"bridge_uuid": B2, "last_bridge_to": ""}
    calls = calls_of(caller, first, other, asked)
    assert [(call.key, call.direction) for call in calls] == [(CALLER, "in"), (B2, "internal")]


def test_an_agent_asks_before_giving_the_caller_of_a_queue_away() -> None:
    caller, _, other, asked = scenes.asked_before()
    caller["variables"] |= queued("sales", 1, answered=10, terminated=60, agent="102")
    caller["variables"]["cc_agent_uuid"] = A1
    more = {"answer": 10, "bridge": 10, "cause": "ATTENDED_TRANSFER", "bridge_uuid": CALLER}
    agent = rung(A1, "102", CALLER, "sales", 1, 2, 60, **more)
    call = only(caller, agent, other, asked)
    assert [said(v) for v in call.visits] == [
        ("queue", "sales", 1, "answered", "102", 9, 50, "transfer", None),
        ("transfer", None, 31, "answered", "103", 9, 80, "caller", None),
    ]


def test_without_the_agents_legs_the_callers_tells_the_queue() -> None:
    caller = scenes.answered_in_queue()[0]
    assert [said(v) for v in only(caller).visits] == [
        ("queue", "sales", 2, "answered", "102", 18, 60, "caller", None)
    ]


def test_a_dialer_that_puts_who_answers_into_a_queue() -> None:
    caller, _, agent = scenes.answered_in_queue()
    caller["variables"] |= {
        "direction": "outbound",
        "sip_gateway_name": "acme",
        "channel_name": "sofia/external/155509900",
    }
    call = only(caller, agent)
    assert (call.direction, call.number, call.trunk) == ("out", "155509900", "acme")
    assert [said(v)[:5] for v in call.visits] == [("queue", "sales", 2, "answered", "102")]


def test_a_direct_call_that_is_passed_on_blind() -> None:
    caller, phone_of_102, _ = scenes.direct()
    caller["variables"] |= {"transfer_history": f"{T0 + 50}:x:bl_xfer:103/default/XML"}
    caller["variables"] |= {"end_epoch": str(T0 + 90), "bridge_uuid": A1, "last_bridge_to": A1}
    caller["variables"] |= {"end_uepoch": "0", "sip_hangup_disposition": "recv_bye"}
    after = phone(A1, "103", CALLER, 51, 90, answer=60, bridge=60, bridge_uuid=CALLER)
    call = only(caller, phone_of_102, after)
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "answered", "102", 8, 41, "transfer", "103"),
        ("transfer", None, 51, "answered", "103", 9, 30, "caller", None),
    ]
    assert call.did == "155509900"


def test_what_the_dialplan_does_before_is_no_transfer_of_anybody() -> None:
    """Menus and time conditions pass a call on as well, moments before it is answered."""
    history = {"transfer_history": f"{T0}:x:bl_xfer:200/default/XML"}
    caller, agent, _ = scenes.direct()
    for document in (caller, agent):
        document["variables"] |= {"answer_uepoch": "0", "answer_epoch": str(T0 + 1)}
        document["variables"] |= {"end_uepoch": "0", "end_epoch": str(T0 + 3)}
        document["variables"] |= {"bridge_uepoch": "0", "bridge_epoch": "0"}
        document["callflow"][0]["times"]["bridged_time"] = "0"
    caller["variables"] |= history
    assert [said(v)[6:] for v in only(caller, agent).visits] == [(2, "operator", None)]
    caller = leg(CALLER, 0, 3, **history, **queued("sales", 1, cancelled=3, reason="BREAK_OUT"))
    assert [said(v)[3:8] for v in only(caller).visits] == [("abandoned", None, 2, None, "caller")]


def test_a_phone_that_is_given_up_before_the_mailbox_is_not_the_callers_doing() -> None:
    caller, rang = scenes.voicemail()
    rang["variables"]["hangup_cause"] = "ORIGINATOR_CANCEL"
    assert [said(v)[3:8] for v in only(caller, rang).visits] == [
        ("no_answer", None, 29, None, None)
    ]


def test_a_call_that_a_colleague_picked_up() -> None:
    caller, _, rang = scenes.direct("PICKED_OFF")
    caller["variables"] |= {"bridge_uuid": B1, "last_bridge_to": B1}
    picked = leg(
        B1,
        7,
        50,
        answer=9,
        bridge=9,
        number="104",
        dialled="*8",
        context="default",
        channel="sofia/internal/104@10.0.0.8:5060",
        user_name="104",
        bridge_uuid=CALLER,
        sip_hangup_disposition="recv_bye",
    )
    call = only(caller, rang, picked)
    assert [said(v) for v in call.visits] == [
        ("direct", None, 1, "answered", "104", 8, 41, "operator", None)
    ]
    assert offers(call.visits[0]) == [
        ("103", "taken_by_other", 8_000),
        ("104", "answered", 2_000),
    ]


def test_a_call_that_is_forwarded_outside_was_taken_at_a_number() -> None:
    caller, rang, _ = scenes.direct()
    del rang["variables"]["dialed_user"]
    rang["variables"] |= {
        "channel_name": "sofia/external/0170999",
        "sip_gateway_name": "acme",
    }
    rang["callflow"][0]["caller_profile"]["destination_number"] = "0170999"
    call = only(caller, rang)
    assert (call.direction, call.visits[0].agent) == ("in", "0170999")


def test_an_outbound_call_takes_the_line_that_answered() -> None:
    caller, far = scenes.outbound()
    failed = leg(
        A1,
        0.2,
        0.8,
        outbound=True,
        dialled="0048221234567",
        originator=CALLER,
        sip_gateway_name="broken",
        channel="sofia/external/0048221234567",
        cause="NORMAL_TEMPORARY_FAILURE",
    )
    call = only(caller, failed, far)
    assert (call.direction, call.trunk, len(call.visits)) == ("out", "acme", 1)


def test_without_the_phones_legs_the_callers_tells_the_call() -> None:
    caller = scenes.direct()[0]
    caller["variables"]["bridge_channel"] = "sofia/internal/102@10.0.0.9:5060"
    assert [said(v) for v in only(caller).visits] == [
        ("direct", None, 0, "answered", "102", 9, 41, None, None)
    ]


def test_a_call_that_left_in_a_menu() -> None:
    document = leg(CALLER, 0, 12, answer=0, sip_hangup_disposition="recv_bye")
    assert [said(v) for v in only(document).visits] == [
        ("direct", None, 0, "left_menu", None, 12, None, "caller", None)
    ]


def test_a_call_that_was_refused_before_anybody_was_rung() -> None:
    assert only(leg(CALLER, 0, 0, cause="NO_ROUTE_DESTINATION")).result == "refused"


def test_a_call_is_in_progress_until_its_callers_leg_is_told() -> None:
    call = only(rung(A1, "101", CALLER, "sales", 1, 2, 14, cause="NO_ANSWER"))
    assert (call.key, call.result, call.ended) == (CALLER, "in_progress", None)
    assert [said(v)[:4] for v in call.visits] == [("queue", "sales", 1, "in_progress")]


def test_a_stop_of_the_exchange_loses_who_waits() -> None:
    document = leg(CALLER, 0, 30, answer=0, cause="SYSTEM_SHUTDOWN")
    document["variables"] |= queued("sales", 1) | {"cc_cause": "_undef_"}
    assert [said(v)[3:6] for v in only(document).visits] == [("lost", None, None)]


def test_an_agent_who_stays_on_the_line_makes_no_one_call_of_all() -> None:
    standing = "9e0c7a1-standing"
    callers = [
        leg(
            f"caller-{n}",
            n * 100,
            n * 100 + 60,
            answer=n * 100,
            bridge_uuid=standing,
            **{
                **queued(
                    "sales",
                    n * 100,
                    answered=n * 100 + 9,
                    terminated=n * 100 + 60,
                    agent="104",
                    member=f"m{n}",
                ),
                "cc_agent_uuid": standing,
            },
        )
        for n in range(3)
    ]
    calls = calls_of(*callers)
    assert [call.key for call in calls] == ["caller-0", "caller-1", "caller-2"]
    assert {(v.agent, v.wait, v.talk) for call in calls for v in call.visits} == {("104", 9, 51)}


def test_loopback_channels_are_seen_through() -> None:
    near = leg("near", 1, 9, outbound=True, originator=CALLER, channel="loopback/102-a")
    far = leg("far", 1, 9, channel="loopback/102-b", other_loopback_leg_uuid="near")
    caller, rang, _ = scenes.direct()
    rang["variables"]["originating_leg_uuid"] = "far"
    call = only(caller, near, far, rang)
    assert [said(v)[:5] for v in call.visits] == [("direct", None, 1, "answered", "102")]
    assert call.threads == {CALLER, "near", "far", B1}


def test_the_domain_of_a_tenant_stays_with_its_words() -> None:
    caller, agent = scenes.abandoned_in_queue()
    caller["variables"]["cc_queue"] = agent["variables"]["cc_queue"] = "8001@acme.example"
    agent["variables"]["cc_agent"] = "101@acme.example"
    (visit,) = only(caller, agent).visits
    assert (visit.queue, visit.offers[0].agent) == ("8001@acme.example", "101@acme.example")


def test_times_come_from_epochs_alone() -> None:
    """The clocks went back while they talked; stamps say that the call ended before it began."""
    documents = scenes.answered_in_queue()
    for document in documents:
        document["variables"] |= {
            "end_stamp": "2026-10-25 02:00:08",
            "start_stamp": "2026-10-25 03:59:45",
        }
    assert calls_of(*documents) == calls_of(*scenes.answered_in_queue())


def test_a_clock_that_steps_back_makes_no_negative_times() -> None:
    document = leg(CALLER, 50, 20, answer=40, **queued("sales", 45, cancelled=21, reason="TIMEOUT"))
    call = only(document, rung(A1, "101", CALLER, "sales", 45, 44, 30, cause="NO_ANSWER"))
    (visit,) = call.visits
    assert (visit.wait, offers(visit)) == (0, [("101", "no_answer", 0)])
    assert visit.started <= (visit.ended or 0)
