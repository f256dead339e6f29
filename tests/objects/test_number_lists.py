"""Lists of numbers: their purpose, until when an entry counts, and what is told of pasted ones."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.objects.numbers.models import NumberListEntry
from tests.factories import building, company, make_object, project, user

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
DAY = dt.timedelta(days=1)


@pytest.fixture
def house(app, visitor):
    with building(app):
        made = {"admin": company(), "ours": project("Ours")}
        made["list"] = make_object("lists", NASTY, made["ours"])
        somebody = user("Agata Żak", role="supervisor", projects=[made["ours"]])
    return visitor(somebody.email), made


def today():
    return dt.datetime.now(ZoneInfo("Europe/Warsaw")).date()


def address(made):
    return f"/objects/lists/{made['list'].id}/numbers"


def stored(app, made):
    with building(app, of=made["admin"]):
        query = select(NumberListEntry).order_by(NumberListEntry.number)
        return [(one.number, one.label, one.expires_on) for one in db.session.scalars(query)]


def test_the_purpose_is_kept_and_told(house):
    visitor, made = house
    page = visitor.get(f"/objects/lists/{made['list'].id}")
    page.submit("Save changes Ctrl ↵", {"Purpose": "VIP numbers"})
    assert "VIP numbers" in visitor.get(address(made)).text
    assert "VIP numbers" in visitor.get("/activity").text
    form = {"name": "x", "version": "2", "purpose": "<b>", "projects": str(made["ours"].id)}
    refused = visitor.post(f"/objects/lists/{made['list'].id}", form, status=422)
    assert list(refused.errors()) == ["Purpose"]


def test_what_became_of_each_number_is_told(app, house):
    visitor, made = house
    until = today() + DAY
    page = visitor.get(address(made))
    page = page.submit("Add", {"Numbers": "512 345 460\n512 345 461", "Country": "Poland"})
    assert page.texts(".toast")[0].startswith("2 numbers added.")
    typed = {
        "Numbers": "+48512345460\n0048 512 345 460\n512-345-462\n+48 512 345 462",
        "Country": "Poland",
        "Expires on (optional)": until.isoformat(),
        "Label (optional)": NASTY,
    }
    page = page.submit("Add", typed)
    said = "1 number added. 1 changed. Typed more than once: +48512345460, +48512345462."
    assert page.texts(".toast")[0].startswith(said)
    page = page.submit("Add", {**typed, "Numbers": "512 345 460", "Label (optional)": ""})
    assert page.texts(".toast")[0].startswith("0 numbers added. There already: +48512345460.")
    assert stored(app, made) == [
        ("+48512345460", NASTY, until),
        ("+48512345461", "", None),
        ("+48512345462", NASTY, until),
    ]


def test_a_number_that_is_none_is_told_and_nothing_is_added(app, house):
    visitor, made = house
    page = visitor.get(address(made))
    typed = "512 345 460\n12\n=1+1\n<img src=x onerror=alert(1)>\n٥١٢٣٤"
    page = page.submit("Add", {"Numbers": typed, "Country": "Poland"}, status=422)
    said = "These are no numbers: 12, =1+1, <img src=x onerror=alert(1)>, ٥١٢٣٤."
    assert page.errors() == {"Numbers": said}
    assert stored(app, made) == []


def test_expired_numbers_are_shown_as_such_and_counted_apart(app, house):
    visitor, made = house
    with building(app, of=made["admin"]):
        for place, expires in enumerate((None, today(), today() - DAY, today() + DAY)):
            number = f"+4851234546{place}"
            entry = NumberListEntry(list_id=made["list"].id, number=number, expires_on=expires)
            entry.company_id = made["admin"].company_id
            db.session.add(entry)
    page = visitor.get(address(made))
    marked = [row[0] for row in page.rows("#list table") if "Expired" in row[2]]
    assert marked == ["+48512345462"]
    assert page.texts(".table-foot [role=status]") == ["3 active numbers, 1 expired"]
    found = visitor.get(f"{address(made)}?q=512345461")
    assert found.texts(".table-foot [role=status]") == ["1 active number"]


@pytest.mark.parametrize("wrong", ["yesterday", "0000-00-00", "9999-12-31", "2020-01-01", "\x00"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_day_that_is_over_or_none_is_refused(app, house, wrong):
    visitor, made = house
    page = visitor.get(address(made))
    typed = {"Numbers": "512345460", "Country": "Poland", "Expires on (optional)": wrong}
    page = page.submit("Add", typed, status=422)
    assert list(page.errors()) == ["Expires on (optional)"]
    assert stored(app, made) == []
