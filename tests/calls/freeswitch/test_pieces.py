"""The same documents make the same calls, in whatever order, however often and in which pieces."""

from __future__ import annotations

import json
import random

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.calls import feeding
from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.models import Offer, Visit
from portal.calls.operations import create_source
from portal.calls.sources.freeswitch_document import KIND
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.calls.freeswitch import scenes
from tests.calls.freeswitch.documents import (
    Document,
    as_json,
    as_xml,
    base64_form,
    calls_in,
    form,
    leg,
    with_values_encoded,
)
from tests.calls.test_importing import (
    assert_counts_add_up,
    assert_totals_are_of_the_visits,
    tables,
)
from tests.factories import building, company

WRITERS = (as_json, as_xml, lambda document: base64_form(as_json(document)))


def numbered(documents: list[Document], number: int) -> list[Document]:
    """The same call once more, as another one."""
    text = json.dumps(documents)
    for uuid in (scenes.CALLER, scenes.A1, scenes.A2, scenes.B1, scenes.B2, scenes.B3):
        text = text.replace(uuid, f"{number:02}{uuid}")
    found: list[Document] = json.loads(text)
    return found


LEGS = [one for number, scene in enumerate(scenes.ALL) for one in numbered(scene(), number)]
WHOLE = calls_in(as_json(one) for one in LEGS)


@st.composite
def bodies(draw: st.DrawFn) -> list[bytes]:
    """Write all legs in any order, some of them again, each in any encoding."""
    repeated = draw(st.lists(st.sampled_from(LEGS), max_size=9))
    return [draw(st.sampled_from(WRITERS))(one) for one in draw(st.permutations(LEGS + repeated))]


def feed(source: CallSource, pieces: list[bytes]) -> ImportRun:
    with unscoped("a worker makes calls of every project, and of none"):
        return feeding.feed(source, KIND, "HTTP", pieces)


def test_each_call_is_one() -> None:
    assert len(WHOLE) == len(scenes.ALL)


@settings(max_examples=60, deadline=None)
@given(bodies=bodies())
def test_any_order_and_repetition_makes_the_same_calls(bodies: list[bytes]) -> None:
    assert calls_in(bodies) == WHOLE


@settings(max_examples=60, deadline=None)
@given(bodies=bodies(), upto=st.integers(1, len(LEGS)))
def test_some_of_the_legs_make_calls_too(bodies: list[bytes], upto: int) -> None:
    calls = calls_in(bodies[:upto])
    assert all(call.visits and call.key in call.threads for call in calls)
    threads = [thread for call in calls for thread in call.threads]
    assert len(threads) == len(set(threads))


def test_any_split_into_deliveries_makes_the_same_rows(app: Flask) -> None:
    chance = random.Random(20261123)
    with building(app):
        admin = company()
        whole = create_source(admin.company_id, "whole", "Asia/Kolkata")
        run = feed(whole, [as_json(one) for one in LEGS])
        assert (run.lines_read, run.lines_ok, run.calls_new) == (len(LEGS), len(LEGS), len(WHOLE))
        expected = tables(whole)
        for number in range(4):
            source = create_source(admin.company_id, f"pieces {number}", "Asia/Kolkata")
            legs = LEGS + chance.sample(LEGS, 7)
            chance.shuffle(legs)
            written = [chance.choice(WRITERS)(one) for one in legs]
            while written:
                size = chance.randint(1, 6)
                run = feed(source, written[:size])
                del written[:size]
            assert tables(source) == expected
            assert (run.lines_ok, run.lines_duplicate) == (len(LEGS), 7)
            assert_counts_add_up(run)
        assert_totals_are_of_the_visits()


def test_what_an_exchange_sends_is_in_the_call_log(app: Flask) -> None:
    """One call of two queues as the exchange sends it: retried, damaged, encoded twice."""
    hostile = '<img src=x onerror=alert(1)> "=1+1" Łüİ'
    caller, first, second = scenes.passed_to_another_queue()
    caller["callflow"][-1]["caller_profile"]["caller_id_name"] = hostile
    twice = leg("twice", 0, 9, effective_caller_id_name='say "hi"')
    undecodable = form(as_json(twice, encode_values=False)).replace(b"%5C%22", b"%22")
    assert with_values_encoded(twice) != twice
    with building(app):
        admin = company()
        pbx = create_source(admin.company_id, "PBX", "Asia/Kolkata")
        feed(pbx, [as_json(first)])
        feed(pbx, [form(as_xml(second)), undecodable, b"cdr=%7B"])
        run = feed(pbx, [as_json(first), as_json(caller), as_json(caller)])
        counts = (run.lines_read, run.lines_ok, run.lines_malformed, run.lines_duplicate)
        assert counts == (7, 3, 2, 2)
        assert_counts_add_up(run)
        reasons = select(EvidenceLine.reason).where(EvidenceLine.verdict == "malformed")
        assert set(db.session.scalars(reasons)) == {"encoded twice: set encode=false"}
        visits = db.session.scalars(select(Visit).order_by(Visit.ordinal)).all()
        assert [
            (v.kind, v.queue_raw, v.agent_raw, v.result, v.wait_s, v.talk_s, v.ended_by)
            for v in visits
        ] == [
            ("queue", "sales", "101", "answered", 9, 30, "transfer"),
            ("queue", "support", "103", "answered", 19, 40, "operator"),
        ]
        assert {(v.caller_name, v.number, v.did, v.direction) for v in visits} == {
            (hostile, "+49301234567", "155509900", "in")
        }
        offers = db.session.execute(select(Offer.agent_raw, Offer.result, Offer.ring_ms))
        assert sorted(map(tuple, offers)) == [
            ("101", "answered", 8_000),
            ("103", "answered", 18_000),
        ]
        assert_totals_are_of_the_visits()
