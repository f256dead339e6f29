"""Rows of FusionPBX's table: with the leg's document, as newer versions keep it, and without."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.calls.builders import build
from portal.calls.intake.words import reason
from portal.calls.sources import detect, freeswitch_document, fusionpbx_rows, parse
from portal.calls.sources.records import Verdict
from tests.calls.freeswitch import scenes
from tests.calls.freeswitch.documents import (
    UTC,
    Document,
    as_json,
    calls_in,
    calls_of,
    with_values_encoded,
)
from tests.calls.freeswitch.scenes import CALLER

COLUMNS = (
    *("start_epoch", "answer_epoch", "end_epoch", "bridge_uuid", "hangup_cause", "cc_side"),
    *("sip_hangup_disposition", "cc_queue", "cc_member_uuid", "cc_member_session_uuid", "cc_agent"),
    *("cc_queue_joined_epoch", "cc_queue_answered_epoch", "cc_queue_terminated_epoch", "cc_cause"),
    *("cc_queue_canceled_epoch", "cc_cancel_reason", "originating_leg_uuid", "accountcode"),
)


def row(document: Document, direction: str = "inbound", **columns: Any) -> Document:
    """The row that FusionPBX makes of a document: numbers as numbers, the rest as it came."""
    variables, profile = document["variables"], document["callflow"][-1]["caller_profile"]
    fields = {name: variables.get(name) for name in COLUMNS}
    fields = {n: int(v) if v and n.endswith("_epoch") else v or None for n, v in fields.items()}
    return {
        **fields,
        "xml_cdr_uuid": variables["uuid"],
        "domain_name": "acme.example",
        "direction": direction,
        "leg": "b" if variables["direction"] == "outbound" and "cc_side" not in variables else "a",
        "caller_id_name": profile["caller_id_name"],
        "caller_id_number": profile["caller_id_number"],
        "source_number": profile["caller_id_number"],
        "caller_destination": profile["destination_number"],
        "destination_number": profile["destination_number"],
        "answer_stamp": "1970-01-01 00:00:00+00",
        "missed_call": False,
        "billsec": 99,
        **columns,
    }


def line(fields: Document) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_php(document: Document) -> Document:
    """JSON as FusionPBX makes it of XML: one of a kind is no list, attributes are an object."""
    document = with_values_encoded(document)
    flow = []
    for one in document["callflow"]:
        profile = dict(one["caller_profile"])
        if "originator" in profile:
            (origin,) = profile["originator"]["originator_caller_profiles"]
            profile["originator"] = {"originator_caller_profile": origin}
        flow.append({"@attributes": {"dialplan": "XML"}, **one, "caller_profile": profile})
    log = [
        {"@attributes": application}
        for application in document.get("app_log", {}).get("applications", ())
    ]
    return {
        "@attributes": {"switchname": "fs1"},
        **document,
        "app_log": {"application": log[0] if len(log) == 1 else log},
        "callflow": flow[0] if len(flow) == 1 else flow,
    }


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("scene", scenes.ALL)
def test_rows_with_documents_say_what_the_documents_say(scene: Any, as_text: bool) -> None:
    directions = {scenes.outbound: "outbound", scenes.internal: "local"}
    lines = []
    for one in scene():
        document = as_php(one)
        kept = json.dumps(document) if as_text else document
        lines.append(line(row(one, directions.get(scene, "inbound"), json=kept)))
    assert calls_in(lines, fusionpbx_rows) == calls_of(*scene())


def said(documents: list[Document], direction: str) -> list[tuple[Any, ...]]:
    (call,) = calls_in([line(row(one, direction)) for one in documents], fusionpbx_rows)
    return [
        (call.direction, call.number, call.did),
        *((v.kind, v.queue, v.result, v.agent, v.wait, v.talk) for v in call.visits),
    ]


@pytest.mark.parametrize(
    ("scene", "direction", "expected"),
    [
        (
            scenes.answered_in_queue,
            "inbound",
            [
                ("in", "+49301234567", "155509900"),
                ("queue", "sales", "answered", "102", 18, 60),
            ],
        ),
        (
            scenes.abandoned_in_queue,
            "inbound",
            [
                ("in", "+49301234567", "155509900"),
                ("queue", "sales", "abandoned", None, 30, None),
            ],
        ),
        (
            scenes.passed_to_another_queue,
            "inbound",
            [
                ("in", "+49301234567", "155509900"),
                ("queue", "sales", "answered", "101", 9, 30),
                ("queue", "support", "answered", "103", 19, 40),
            ],
        ),
        (
            scenes.direct,
            "inbound",
            [
                ("in", "+49301234567", "155509900"),
                ("direct", None, "answered", "102@acme.example", 8, 41),
            ],
        ),
        (
            scenes.missed,
            "inbound",
            [
                ("in", "+49301234567", "155509900"),
                ("direct", None, "abandoned", None, 19, None),
            ],
        ),
        (
            scenes.outbound,
            "outbound",
            [
                ("out", "0048221234567", None),
                ("direct", None, "answered", "101@acme.example", 11, 33),
            ],
        ),
        (
            scenes.internal,
            "local",
            [
                ("internal", "101", "102"),
                ("direct", None, "answered", "102@acme.example", 4, 25),
            ],
        ),
    ],
)
def test_rows_without_documents(scene: Any, direction: str, expected: list[Any]) -> None:
    assert said(scene(), direction) == expected


def test_a_row_beside_the_document_of_its_leg_changes_nothing() -> None:
    documents = scenes.answered_in_queue()
    bodies = [as_json(one) for one in documents]
    rows = [line(row(one)) for one in documents]
    records = [parse(freeswitch_document, body).record for body in bodies]
    more = [parse(fusionpbx_rows, one).record for one in rows]
    assert build([*more, *records], UTC) == calls_of(*documents)  # type: ignore[list-item]  # all are


def test_a_damaged_document_in_a_row_leaves_its_columns() -> None:
    documents = scenes.abandoned_in_queue()
    for broken in ("{", '{"variables": []}', [], 5, "[" * 99_999):
        lines = [line(row(one, json=broken)) for one in documents]
        assert [call.result for call in calls_in(lines, fusionpbx_rows)] == ["abandoned"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[]", "damaged JSON"),
        (b"{", "damaged JSON"),
        (b'{"a":' * 99_999, "damaged JSON"),
        (b"{}", "no call in it"),
        (b'{"xml_cdr_uuid": null}', "no call in it"),
        (b'{"xml_cdr_uuid": "x", "start_epoch": null}', "no start time"),
        (b'{"xml_cdr_uuid": "x", "start_epoch": 0}', "no start time"),
        (b'{"xml_cdr_uuid": "x", "start_epoch": [1]}', "no start time"),
        (b"{" + b" " * 3_000_000 + b"}", "longer than any document"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_hostile_rows_are_malformed(raw: bytes, why: str) -> None:
    parsed = parse(fusionpbx_rows, raw)
    assert (parsed.verdict, parsed.reason) == (Verdict.MALFORMED, why)
    assert reason(why)


def test_rows_are_told_from_documents() -> None:
    rows = b"".join(line(row(one, json=as_php(one))) + b"\n" for one in scenes.answered_in_queue())
    assert detect(rows) is fusionpbx_rows  # type: ignore[comparison-overlap]  # a module
    assert freeswitch_document.document_of(rows) is None
    assert parse(fusionpbx_rows, b" ").verdict is Verdict.BLANK
    assert CALLER in str(parse(fusionpbx_rows, rows.splitlines()[0]).record)
