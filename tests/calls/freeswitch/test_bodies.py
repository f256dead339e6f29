"""Every way in which FreeSWITCH sends a document, or leaves it behind, says the same."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from portal.calls.intake.words import reason
from portal.calls.sources import detect, freeswitch_document, parse
from portal.calls.sources.freeswitch.bodies import MAX_BYTES
from portal.calls.sources.freeswitch.legs import Leg
from portal.calls.sources.records import Told, Verdict
from tests.calls.freeswitch import scenes
from tests.calls.freeswitch.documents import (
    Document,
    as_json,
    as_xml,
    base64_form,
    calls_in,
    calls_of,
    form,
    leg,
    percent,
)

NAMES = [
    "Łukasz İnce",
    'O"Brien, | ; <img src=x onerror=alert(1)>',
    "=1+1",
    "100% sure",
    "a%20b%2541",
    "back\\slash",
    "]]> &amp; &lt;b&gt;",
    "+49 30 / ~tilde",
    "",
]
ENCODINGS: dict[str, Callable[[Document], bytes]] = {
    "bare JSON": as_json,
    "bare JSON, values bare": lambda d: as_json(d, encode_values=False),
    "percent-encoded JSON": lambda d: form(as_json(d, encode_values=False)),
    "base64 JSON": lambda d: base64_form(as_json(d)),
    "JSON behind cdr=": lambda d: b"cdr=" + as_json(d),
    "spooled, percent-encoded": lambda d: form(as_json(d, encode_values=False))[4:] + b"\n",
    "spooled, base64": lambda d: base64_form(as_json(d))[4:] + b"\n",
    "spooled, bare": lambda d: as_json(d) + b"\n",
    "pretty": lambda d: json.dumps(json.loads(as_json(d)), indent=2).encode(),
    "byte order mark": lambda d: b"\xef\xbb\xbf" + as_json(d),
    "bare XML": as_xml,
    "XML behind cdr=": lambda d: b"cdr=" + as_xml(d),
    "percent-encoded XML": lambda d: form(as_xml(d)),
    "base64 XML": lambda d: base64_form(as_xml(d)),
    "spooled XML, percent-encoded": lambda d: form(as_xml(d))[4:] + b"\n",
}


def told(body: bytes) -> Leg:
    parsed = parse(freeswitch_document, body)
    assert parsed.verdict is Verdict.OK, parsed
    assert isinstance(parsed.record, Told)
    assert isinstance(parsed.record.facts, Leg)
    return parsed.record.facts


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", NAMES)
def test_each_encoding_says_the_same(encoding: str, name: str) -> None:
    document = leg("one", 0, 9, answer=1, name=name, cc_side="member", cc_queue="a b@default")
    body = ENCODINGS[encoding](document)
    assert told(body) == told(as_json(document, encode_values=False))
    assert told(body).name == name
    assert told(body).stay.queue == "a b"  # type: ignore[union-attr]  # it has one
    assert freeswitch_document.document_of(body) == freeswitch_document.KIND


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_repeats_in_another_encoding_are_no_new_calls(encoding: str) -> None:
    for scene in scenes.ALL:
        documents = scene()
        encoded = [ENCODINGS[encoding](one) for one in documents]
        assert calls_in(encoded) == calls_of(*documents)
        repeated = [as_json(one) for one in documents] + encoded
        assert calls_in(repeated) == calls_of(*documents)


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n"])
def test_nothing_is_blank(body: bytes) -> None:
    assert parse(freeswitch_document, body).verdict is Verdict.BLANK


def test_values_are_decoded_once_and_only_where_a_stamp_proves_it() -> None:
    document = leg("one", 0, 9, cc_side="member", cc_queue="100%25 sure")
    assert told(as_json(document)).stay.queue == "100%25 sure"  # type: ignore[union-attr]  # one
    bare = as_json(document, encode_values=False)
    assert told(bare).stay.queue == "100%25 sure"  # type: ignore[union-attr]  # it has one


def test_a_body_encoded_twice_says_what_to_set() -> None:
    """FreeSWITCH does not encode again what looks encoded: one decoding leaves bare quotes."""
    document = leg("one", 0, 9, effective_caller_id_name='say "hi"')
    body = form(json.dumps(json.loads(as_json(document))).encode())
    once = b"cdr=" + percent(unquote(unquote(body[4:].decode()))).encode()
    parsed = parse(freeswitch_document, once)
    assert (parsed.verdict, parsed.reason) == (
        Verdict.MALFORMED,
        "encoded twice: set encode=false",
    )
    assert "encode=false" in reason(parsed.reason)
    assert freeswitch_document.document_of(once) == freeswitch_document.KIND


@pytest.mark.parametrize(
    "odd",
    [
        "<set api_hangup_hook>x</set api_hangup_hook>",
        "<^^,default_language>pl</^^,default_language>",
        "<nolocal:operator>1</nolocal:operator>",
        "<12>3</12>",
        "< sip_h_X-a>1</ sip_h_X-a>",
        '<a="b">1</a="b">',
        "<żółć>1</żółć>",
        "<set/>",
        "<-/>",
        "<a b/>",
    ],
)
def test_names_of_variables_that_are_no_names_of_elements(odd: str) -> None:
    document = scenes.answered_in_queue()[0]
    body = as_xml(document).replace(b"<variables>", b"<variables>" + odd.encode())
    assert told(body) == told(as_xml(document))


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE cdr [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<cdr><variables><uuid>&b;</uuid></variables></cdr>"
)
FILE = (
    '<!DOCTYPE cdr [<!ENTITY f SYSTEM "file:///etc/passwd">]><cdr><variables>&f;</variables></cdr>'
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"hello", "neither JSON nor XML"),
        (b"cdr=", "neither JSON nor XML"),
        (b"cdr=%", "neither JSON nor XML"),
        (b"cdr=!!!!", "neither JSON nor XML"),
        (b"cdr=aGVsbG8=", "neither JSON nor XML"),
        (b"\0" * 40, "neither JSON nor XML"),
        (b"{", "damaged JSON"),
        (b'{"variables": "' + b"\0" * 9 + b'"}', "damaged JSON"),
        (b"{}", "no call in it"),
        (b'{"variables": []}', "no call in it"),
        (b'{"variables": {"uuid": ["x"]}, "callflow": "none"}', "no call in it"),
        (
            b'{"variables": {"uuid": "x"}, "callflow": [1, null, [], {"times": []}]}',
            "no start time",
        ),
        (b'{"variables": {"uuid": "x", "start_epoch": "' + b"9" * 9999 + b'"}}', "no start time"),
        (b'{"variables": {"uuid": "x", "start_epoch": ' + b"9" * 9999 + b"}}", "no start time"),
        (b'{"variables": {"uuid": "x", "start_epoch": "-5"}}', "no start time"),
        (b'{"variables": {"uuid": "x", "start_epoch": 1e999}}', "no start time"),
        (b'{"variables": {"uuid": "x", "start_epoch": NaN}}', "no start time"),
        (b'{"variables": {"uuid": "_undef_", "start_epoch": "1795400000"}}', "no call in it"),
        (b'{"a":' * 200_000, "damaged JSON"),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "damaged JSON"),
        (b"<cdr>" * 200_000, "damaged XML"),
        (b"<cdr>" + b"<a>" * 39 + b"</a>" * 39 + b"</cdr>", "no call in it"),
        (b"<cdr>" + b"<a>" * 40 + b"</a>" * 40 + b"</cdr>", "damaged XML"),
        (b"<cdr><variables><uuid>x</uuid>", "damaged XML"),
        (b"<cdr/>", "damaged XML"),
        (b"<cdr>&amp;&nbsp;</cdr>", "damaged XML"),
        (BOMB.encode(), "damaged XML"),
        (FILE.encode(), "damaged XML"),
        (form(BOMB.encode()), "encoded twice: set encode=false"),
        (b"{" + b" " * MAX_BYTES + b"}", "longer than any document"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_bodies_are_malformed(body: bytes, why: str) -> None:
    parsed = parse(freeswitch_document, body)
    assert (parsed.verdict, parsed.reason, parsed.record) == (Verdict.MALFORMED, why, None)
    assert reason(why)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"M\xfcller"', "M\\xfcller"),
        (b'"\\ud800 half"', "? half"),
        (b'"nul \\u0000 in it"', "nul \ufffd in it"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"12", "12"),
        (b"[1]", ""),
        (b"null", ""),
        (b"true", ""),
    ],
)
def test_hostile_names_are_read_as_far_as_they_can_be(written: bytes, read: str) -> None:
    body = as_json(leg("one", 0, 9, name="HERE")).replace(b'"HERE"', written)
    assert told(body).name == read


def test_invalid_utf8_in_encoded_values_and_in_xml() -> None:
    document = leg("one", 0, 9, cc_side="member", cc_queue="HERE")
    encoded = as_json(document).replace(b"HERE", b"M%FCl%00ler")
    assert told(encoded).stay.queue == "M\\xfcl\ufffdler"  # type: ignore[union-attr]  # it has one
    xml = as_xml(leg("one", 0, 9, name="HERE")).replace(b"HERE", b"M\xfcller")
    assert told(xml).name == "M\\xfcller"


def test_damage_anywhere_raises_nothing() -> None:
    chance = random.Random(20261123)
    documents = [one for scene in scenes.ALL for one in scene()]
    bodies = [write(one) for write in ENCODINGS.values() for one in documents[:6]]
    nasty = [b"\0", b"\xff", b'"', b"<", b"%", b"[", b"{", b"\\u", b"&", b"_undef_", b"9" * 400]
    damaged = []
    for body in bodies * 2:
        at = chance.randrange(len(body))
        cut = body[: chance.randrange(len(body))] if chance.random() < 0.3 else body
        damaged.append(cut[:at] + chance.choice(nasty) + cut[at + chance.randrange(9) :])
    for call in calls_in(damaged):
        for visit in call.visits:
            assert (visit.wait or 0) >= 0
            assert (visit.talk or 0) >= 0


def test_values_of_any_shape_build_calls() -> None:
    """Whatever stands in a variable, the calls are built, and no time is negative."""
    chance = random.Random(7)
    documents = [one for scene in scenes.ALL for one in scene()]
    names = sorted({name for one in documents for name in one["variables"]})
    values = ["", "_undef_", "0", "x", "9" * 400, "-1", scenes.CALLER, scenes.A1, "agent", "member"]
    for _ in range(60):
        scene = [json.loads(json.dumps(one)) for one in chance.choice(scenes.ALL)()]
        for one in scene:
            for name in chance.sample(names, 6):
                one["variables"][name] = chance.choice([*values, [], {}, None, 5])
        calls = calls_in(json.dumps(one).encode() for one in scene)
        for call in calls:
            assert call.visits
            assert call.key in call.threads
            assert all((v.wait or 0) >= 0 and (v.talk or 0) >= 0 for v in call.visits)


def test_files_are_told_by_their_first_line() -> None:
    for encoding in ("percent-encoded JSON", "base64 JSON", "bare JSON"):
        write = ENCODINGS[encoding]
        lines = b"".join(write(one) + b"\n" for one in scenes.direct())
        assert detect(lines) is freeswitch_document
        assert freeswitch_document.document_of(lines) is None  # but lines of them
    assert detect(as_xml(scenes.direct()[0])) is None  # XML goes over lines
    assert detect(ENCODINGS["pretty"](scenes.direct()[0])) is None
    lines = b"broken\n" + lines
    assert detect(lines) is freeswitch_document  # type: ignore[comparison-overlap]  # a module
    assert detect(form(as_json(scenes.direct()[0])) + b"\n") is not None
    assert detect(b"a;b\n1;2\n") is None
    assert freeswitch_document.document_of(b"<!---->" * 500) is None  # at once
    assert freeswitch_document.document_of(b"<html></html>") is None
    assert freeswitch_document.document_of(b'{"event": "x"}') is None
    assert freeswitch_document.document_of(base64.b64encode(b"hello you")) is None
