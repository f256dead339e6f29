"""Calls as an exchange tells of them, each with all the legs it had."""

from __future__ import annotations

from tests.calls.freeswitch.documents import T0, Document, leg, phone, queued, rung

CALLER, A1, A2, B1, B2, B3 = (f"{n}e0c7a1-{n * 4}-4000-8000-{n * 12}" for n in "abcdef")


def answered_in_queue() -> list[Document]:
    """Joined at 2, 101 did not take it, 102 did at 20; the caller hung up at 80."""
    return [
        leg(
            CALLER,
            0,
            80,
            answer=1,
            bridge=20,
            name='Łukasz "O\'Brien" İnce',
            sip_hangup_disposition="recv_bye",
            bridge_uuid=A2,
            last_bridge_to=A2,
            applications=[(1, "answer", ""), (2, "callcenter", "sales@default")],
            **queued("sales", 2, answered=20, terminated=80, agent="102"),
        ),
        rung(A1, "101", CALLER, "sales", 2, 3, 15, cause="NO_ANSWER"),
        rung(
            A2,
            "102",
            CALLER,
            "sales",
            2,
            15.5,
            80,
            answer=20,
            bridge=20,
            bridge_uuid=CALLER,
            cc_agent_bridged="true",
            sip_hangup_disposition="send_bye",
        ),
    ]


def abandoned_in_queue() -> list[Document]:
    """Joined at 1, left at 31 while 101 was rung: billed, and talked with nobody."""
    return [
        leg(
            CALLER,
            0,
            31,
            answer=0,
            sip_hangup_disposition="recv_bye",
            **queued("sales", 1, cancelled=31, reason="BREAK_OUT"),
        ),
        rung(A1, "101", CALLER, "sales", 1, 2, 31, cause="ORIGINATOR_CANCEL"),
    ]


def passed_to_another_queue() -> list[Document]:
    """101 of sales answered at 10 and passed the call on to 7002 at 40; 103 of support took it."""
    return [
        leg(
            CALLER,
            0,
            100,
            answer=0,
            bridge=60,
            profiles=[(40, "7002")],
            sip_hangup_disposition="send_bye",
            bridge_uuid=A2,
            transfer_history=f"ARRAY::{T0 + 10}:x:uuid_br:{A1}"
            f"|:{T0 + 40}:x:bl_xfer:7002/public/XML",
            **queued("support", 41, answered=60, terminated=100, agent="103", member="m2"),
        ),
        rung(
            A1,
            "101",
            CALLER,
            "sales",
            1,
            2,
            40,
            answer=10,
            bridge=10,
            bridge_uuid=CALLER,
            cause="BLIND_TRANSFER",
        ),
        rung(
            A2,
            "103",
            CALLER,
            "support",
            41,
            42,
            100,
            answer=60,
            bridge=60,
            bridge_uuid=CALLER,
            member="m2",
            sip_hangup_disposition="recv_bye",
        ),
    ]


def direct(cause: str = "LOSE_RACE") -> list[Document]:
    """102 and 103 were rung together, 102 took it at 9; its phone hung up at 50."""
    return [
        leg(
            CALLER,
            0,
            50,
            answer=9,
            bridge=9,
            bridge_uuid=B1,
            sip_gateway="acme",
            sip_hangup_disposition="send_bye",
        ),
        phone(
            B1,
            "102",
            CALLER,
            1,
            50,
            answer=9,
            bridge=9,
            bridge_uuid=CALLER,
            sip_hangup_disposition="recv_bye",
        ),
        phone(B2, "103", CALLER, 1, 9, cause=cause),
    ]


def missed() -> list[Document]:
    return [
        leg(CALLER, 0, 20, cause="ORIGINATOR_CANCEL", sip_hangup_disposition="recv_cancel"),
        phone(B1, "102", CALLER, 1, 20, cause="ORIGINATOR_CANCEL"),
    ]


def voicemail() -> list[Document]:
    """102 did not answer, so the mailbox did: billed, and nobody was talked with."""
    return [
        leg(CALLER, 0, 60, answer=31, last_app="voicemail", voicemail_message="true"),
        phone(B1, "102", CALLER, 1, 30, cause="NO_ANSWER"),
    ]


def outbound() -> list[Document]:
    """101 called a number over the gateway, which had ringing tones before the answer."""
    return [
        leg(
            CALLER,
            0,
            45,
            answer=12,
            bridge=3,
            number="101",
            dialled="0048221234567",
            context="default",
            channel="sofia/internal/101@10.0.0.8:5060",
            user_name="101",
            domain_name="10.0.0.5",
            accountcode="sales-out",
            bridge_uuid=B1,
            sip_hangup_disposition="recv_bye",
        ),
        leg(
            B1,
            1,
            45,
            answer=12,
            bridge=3,
            outbound=True,
            number="+4930555",
            dialled="0048221234567",
            originator=CALLER,
            sip_gateway_name="acme",
            channel="sofia/external/0048221234567",
            bridge_uuid=CALLER,
            sip_hangup_disposition="send_bye",
        ),
    ]


def internal() -> list[Document]:
    return [
        leg(
            CALLER,
            0,
            30,
            answer=5,
            bridge=5,
            number="101",
            dialled="102",
            context="default",
            channel="sofia/internal/101@10.0.0.8:5060",
            user_name="101",
            bridge_uuid=B1,
        ),
        phone(B1, "102", CALLER, 1, 30, answer=5, bridge=5, bridge_uuid=CALLER),
    ]


def asked_before() -> list[Document]:
    """102 took a call at 10, asked 103 from its other line, and gave it the caller at 60."""
    history = f"{T0 + 60}:x:att_xfer:102@10.0.0.5/103@10.0.0.5"
    return [
        leg(
            CALLER,
            0,
            120,
            answer=10,
            bridge=10,
            bridge_uuid=B3,
            last_bridge_to=B3,
            transfer_history=history,
            sip_hangup_disposition="recv_bye",
        ),
        phone(
            B1,
            "102",
            CALLER,
            1,
            60,
            answer=10,
            bridge=10,
            bridge_uuid=CALLER,
            cause="ATTENDED_TRANSFER",
        ),
        leg(
            B2,
            30,
            60,
            answer=40,
            bridge=40,
            number="102",
            dialled="103",
            context="default",
            channel="sofia/internal/102@10.0.0.8:5060",
            user_name="102",
            bridge_uuid=B3,
            cause="ATTENDED_TRANSFER",
        ),
        phone(
            B3,
            "103",
            B2,
            31,
            120,
            answer=40,
            bridge=40,
            bridge_uuid=CALLER,
            last_bridge_to=CALLER,
            sip_hangup_disposition="send_bye",
        ),
    ]


ALL = (
    answered_in_queue,
    abandoned_in_queue,
    passed_to_another_queue,
    direct,
    missed,
    voicemail,
    outbound,
    internal,
    asked_before,
)
