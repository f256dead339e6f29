"""Reports on dialers: what came of their calls, attempt by attempt, and of their bases."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict

import pytest

from portal.access.permissions import Permission
from portal.calls.evidence import CallSource
from portal.calls.models import Call, Visit
from portal.database import new_id, utcnow
from portal.imports.models import Import
from portal.objects.base.models import DialerNumber
from tests import factories as make
from tests.reports.conftest import EVIL

ONE, TWO, THREE = "+48512345460", "+48512345461", "+905321234567"
MINUTE = dt.timedelta(minutes=1)
# Dialer, number, minutes since the first call, result, operator, wait, talk.
CALLS = (
    ("ours", ONE, 0, "busy", None, 2, None),
    ("ours", TWO, 1, "answered", "agata", 10, 60),
    ("ours", ONE, 10, "no_answer", None, 30, None),
    ("theirs", ONE, 20, "failed", None, 1, None),
    ("ours", ONE, 40, "answered", None, 12, 8),
    ("ours", THREE, 41, "answered", "agata", 14, 100),
    ("theirs", THREE, 50, "answered", None, 5, 4),
    ("voice", TWO, 55, "answered", None, 5, 30),
)


@pytest.fixture
def dialling(app, visitor):
    """Return visitors by name; two projects have a dialer each, and one that speaks by itself."""
    start = utcnow() - dt.timedelta(hours=30)
    with make.building(app):
        admin = make.company()
        ours, theirs = make.project(f"Ours {EVIL}"), make.project("Theirs – İzmir")
        places = {"ours": [ours], "theirs": [theirs], "both": [ours, theirs], "nowhere": []}
        people = {
            name: make.user(f"S {name}", role="supervisor", projects=inside)
            for name, inside in places.items()
        }
        blind = make.role("Blind", Permission.VIEW_REPORTS, Permission.VIEW_OBJECTS)
        people["blind"] = make.user("Rea Der", role=blind, projects=[ours])
        few = make.role("Few", Permission.VIEW_REPORTS)
        people["few"] = make.user("Few Żółć", role=few, projects=[ours])
        agata = make.user("Agata Żak", projects=[ours])
        speech = make.make_object("scenarios", "Speech", theirs, used_for="dialer")
        dialers = {
            "ours": make.make_object("dialers", EVIL, ours, base_wrong=3, base_duplicate=2),
            "theirs": make.make_object("dialers", "Aramalar", theirs),
            "voice": make.make_object(
                "dialers", "Ses", theirs, mode="voice", scenario_id=speech.id
            ),
        }
        brought = _import(people["ours"], "kişiler.csv")
        for number, state, by in ((ONE, "reached", brought), (TWO, "wrong", brought)):
            _number(dialers["ours"], number, state, named_by=by.id)
        _number(dialers["ours"], THREE, "waiting")
        _number(dialers["theirs"], THREE, "waiting")
        source = make._add(CallSource(name="PBX", name_key="pbx", timezone="UTC"))
        for name, number, minutes, result, operator, wait, talk in CALLS:
            called = {"result": result, "wait_s": wait, "talk_s": talk}
            called["operator_id"] = agata.id if operator else None
            _call(source, dialers[name], number, start + minutes * MINUTE, **called)
        emails = {name: one.email for name, one in people.items()} | {"admin": admin.email}
    return lambda name: visitor(emails[name])


def _import(person, name):
    values = {"target": "base", "file_name": name, "file_size": 1, "state": "done"}
    return make._add(Import(person_id=person.id, **values))


def _number(dialer, number, state, **values):
    key = {"project_id": dialer.project_id, "dialer_id": dialer.id}
    make._add(DialerNumber(number=number, state=state, **key, **values))


def _call(source, dialer, number, at, **values):
    common = {"source_id": source.id, "started_at": at, "direction": "out", "number": number}
    common |= {"result": values["result"], "caller_name": ""}
    call = make._add(Call(native_key=str(new_id()), visits=1, user_field="", **common))
    digits = number.lstrip("+")
    make._add(
        Visit(
            call_id=call.id,
            ordinal=1,
            kind="direct",
            project_id=dialer.project_id,
            dialer_id=dialer.id,
            digits=digits,
            digits_reversed=digits[::-1],
            first_in_project=True,
            crosses_projects=False,
            only_visit=True,
            **common | values,
        )
    )


def figures(person, address):
    return person.get(f"/reports/{address}").rows("table.figures")


def test_results_by_dialer(dialling):
    expected = {
        "Aramalar": ["2", "2", "1", "0", "0", "1", "50%"],
        EVIL: ["5", "3", "3", "1", "1", "0", "60%"],
        "Ses": ["1", "1", "1", "0", "0", "0", "100%"],
    }
    for name, seen in {
        "admin": [EVIL, "Aramalar", "Ses"],
        "both": [EVIL, "Aramalar", "Ses"],
        "ours": [EVIL],
        "theirs": ["Aramalar", "Ses"],
    }.items():
        rows = figures(dialling(name), "dialer-results")
        assert rows == [[one, *expected[one]] for one in seen], name
    page = dialling("nowhere").get("/reports/dialer-results")
    assert "import them" in page.text
    assert page.rows("table") == []


def test_an_import_is_known_to_who_made_it(dialling):
    others = "By hand, or by somebody else"
    rows = figures(dialling("ours"), "dialer-results?by=import")
    assert [row[:3] for row in rows] == [["kişiler.csv", "4", "2"], [others, "1", "1"]]
    rows = figures(dialling("both"), "dialer-results?by=import")
    assert [row[:3] for row in rows] == [[others, "8", "3"]]
    rows = figures(dialling("admin"), "base-progress?by=import")
    assert [row[:3] for row in rows] == [[others, "2", "0"], ["kişiler.csv", "2", "2"]]


def test_attempts_are_counted_from_the_first_one_at_a_number(dialling):
    """The same from the calls in their order, by a few lines."""
    times, tried, reached, gaps = defaultdict(list), Counter(), Counter(), defaultdict(list)
    for dialer, number, minute, result, *_ in CALLS:
        before = times[dialer, number]
        if before:
            gaps[len(before) + 1].append(minute - before[-1])
        before.append(minute)
        tried[len(before)] += 1
        reached[len(before)] += result == "answered"
    rows = figures(dialling("both"), "attempts")
    assert [row[:3] for row in rows] == [
        [str(number), str(tried[number]), str(reached[number])] for number in sorted(tried)
    ]
    assert [row[4:] for row in rows] == [["–", "0:00"], ["10:00", "10:00"], ["30:00", "30:00"]]
    assert gaps == {2: [10], 3: [30]}


def test_an_attempt_before_the_period_counts(dialling):
    """Neither the period nor another filter makes a second attempt a first one."""
    person = dialling("ours")
    rows = figures(person, "attempts?result=answered")
    assert [row[:2] for row in rows] == [["1", "2"], ["3", "1"]]
    page = person.get("/reports/attempts/rows?measure=calls&key=3")
    (row,) = page.rows("table.listed")
    assert row[1:6] == [ONE, "3", "30:00", f"Ours {EVIL}", EVIL]


def test_losses_are_who_answered_and_found_nobody(dialling):
    """A dialer that speaks by itself loses nobody."""
    rows = figures(dialling("both"), "dialer-losses")
    assert rows == [
        [EVIL, "3", "1", "33.3%", "0:08", "0:08"],
        ["Aramalar", "1", "1", "100%", "0:04", "0:04"],
    ]
    found = json.loads(dialling("both").get("/reports/dialer-losses/export.json").text)
    assert [list(row.values())[1:] for row in found] == [
        [3, 1, 0.3333, 8.0, 8],
        [1, 1, 1.0, 4.0, 4],
        [4, 2, 0.5, 6.0, 8],
    ]


def test_bases_as_they_are_now(dialling):
    mine = [EVIL, "3", "2", "1", "66.7%", "1", "1", "3", "2"]
    other = ["Aramalar", "1", "0", "1", "0%", "0", "0", "0", "0"]
    for name, expected in {"both": [mine, other], "ours": [mine], "theirs": [other]}.items():
        page = dialling(name).get("/reports/base-progress")
        assert page.rows("table.figures") == expected, name
        assert "As of" in page.text
        assert page.all("#by-period") == []
    listed = dialling("ours").get("/reports/base-progress/rows?measure=total")
    assert [row[0] for row in listed.rows("table.listed")] == [ONE, TWO, THREE]
    (row,) = dialling("ours").get("/reports/base-progress/rows?measure=refused").rows("table")
    assert row == ["", "", f"Ours {EVIL}", EVIL, "", "0", "3", "2"]


def test_long_lists_of_a_state_go_on_where_they_were(app, dialling, monkeypatch):
    monkeypatch.setattr("portal.reports.views.ROWS_A_PAGE", 1)
    page = dialling("ours").get("/reports/base-progress/rows?measure=total")
    found = []
    while True:
        found += [row[0] for row in page.rows("table.listed") if len(row) > 1]
        more = page.all(".more-row a")
        if not more:
            break
        page = page.visitor.get(more[0].attributes["href"])
    assert found == [ONE, TWO, THREE]
    for odd in ("x", "bnVsbA==", "WzEsMl0=", "WyJhIiwiYiJd"):
        address = f"/reports/base-progress/rows?measure=total&before={odd}"
        assert page.visitor.get(address).rows("table.listed")[0][0] == ONE


def test_numbers_are_masked_and_pages_closed(dialling):
    blind = dialling("blind")
    page = blind.get("/reports/base-progress/rows?measure=total")
    assert [row[0] for row in page.rows("table.listed")] == [
        "+4851•••460", "+4851•••461", "+90532•••567",
    ]  # fmt: skip
    page = blind.get("/reports/attempts/rows?measure=calls")
    assert ONE not in page.text
    assert "•••" in page.text
    dialling("few").get("/reports/base-progress", status=403)
    assert "Base progress" not in dialling("few").get("/reports").text
