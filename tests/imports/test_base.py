"""Numbers into the base of a dialer, and the page of that base."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import DialerExclusion
from portal.objects.numbers.models import NumberListEntry
from tests import factories
from tests.imports.conftest import counts, imported, upload

NASTY = "Łucja \"<img src=x onerror=alert(1)>\" 'İş'"
HEAD = "Numer;Klient;Uwagi\n"
QUOTED = '"' + NASTY.replace('"', '""') + '"'
ROWS = HEAD + f"512 345 460;{QUOTED};=1+1\n+90 532 123 45 67;;dzwonić po 15\n"


@pytest.fixture
def dialers(app, centre):
    with factories.building(app, of=centre.admin):
        return [
            factories.make_object("dialers", "Kampania", centre.care),
            factories.make_object("dialers", "Ankieta", centre.care),
            factories.make_object("dialers", "Gizli", centre.shop),
        ]


INTO = {"target": "base", "Dialer": "Kampania – Care PL"}


def base(app, dialer):
    with factories.building(app, of=dialer):
        query = select(DialerNumber).where(DialerNumber.dialer_id == dialer.id)
        rows = db.session.scalars(query.order_by(DialerNumber.number))
        return [(row.number, row.name, row.note, row.state) for row in rows]


def page_of(dialer):
    return f"/objects/dialers/{dialer.id}/numbers"


def progress(page):
    """Return total, waiting, reached, done, wrong, excluded and duplicates."""
    return [int(text) for text in page.texts("#progress dd")]


def test_numbers_come_into_a_dialer_and_its_page_shows_how_far_it_is(
    app, centre, dialers, jan, work
):
    page = imported(jan, ROWS, work, **INTO, Country="Poland")
    assert counts(page) == [2, 0, 0, 0]
    assert base(app, dialers[0]) == [
        ("+48512345460", NASTY, "=1+1", "waiting"),
        ("+905321234567", "", "dzwonić po 15", "waiting"),
    ]
    page = page.click("Look at the result")
    assert page.path == page_of(dialers[0])
    assert progress(page) == [2, 2, 0, 0, 0, 0, 0]
    assert page.rows("#list table") == [
        ["+48512345460", NASTY, "=1+1", "Waiting", "0"],
        ["+905321234567", "", "dzwonić po 15", "Waiting", "0"],
    ]
    found = jan.get(f"{page.path}?q=512 345")
    assert [row[0] for row in found.rows("#list table")] == ["+48512345460"]
    found = jan.get(f"{page.path}?q=DZWONIC")
    assert [row[0] for row in found.rows("#list table")] == ["+905321234567"]
    assert jan.get(f"{page.path}?state=done").rows("#list table") == []


def test_what_is_wrong_and_what_is_there_already_is_counted(app, centre, dialers, jan, work):
    assert counts(imported(jan, ROWS, work, **INTO)) == [2, 0, 0, 0]
    rows = ROWS + "0048512345460;again;\nnobody;;\n512345461;new;\n"
    assert counts(imported(jan, rows, work, **INTO)) == [1, 0, 3, 1]
    assert progress(jan.get(page_of(dialers[0]))) == [3, 3, 0, 0, 1, 0, 3]
    assert base(app, dialers[0])[0] == ("+48512345460", NASTY, "=1+1", "waiting")
    other = {**INTO, "Dialer": "Ankieta – Care PL"}
    assert counts(imported(jan, ROWS, work, **other)) == [2, 0, 0, 0]
    changed = HEAD + "512345460;Łucja;\n"
    assert counts(imported(jan, changed, work, **INTO)) == [0, 1, 0, 0]
    assert base(app, dialers[0])[0] == ("+48512345460", "Łucja", "", "waiting")


def test_numbers_of_excluded_lists_are_taken_in_and_not_dialled(app, centre, dialers, jan, work):
    with factories.building(app, of=centre.admin):
        company, care = centre.admin.company_id, centre.care.id
        key = {"company_id": company, "project_id": care, "dialer_id": dialers[0].id}
        db.session.add(DialerExclusion(**key, list_id=centre.vip.id))
        for one, number in ((centre.vip, "+48512345460"), (centre.blocked, "+905321234567")):
            db.session.add(NumberListEntry(company_id=company, list_id=one.id, number=number))
        past = dt.date(2020, 1, 1)
        old = NumberListEntry(company_id=company, list_id=centre.vip.id, number="+48512345461")
        old.expires_on = past
        db.session.add(old)
    rows = ROWS + "512345461;;\n"
    page = upload(jan, rows, **INTO).submit("Go on to the preview")
    said = "Will be added It is in an excluded list: it is not dialled."
    assert [row[-1] for row in page.rows("#preview table")] == [said, *["Will be added"] * 2]
    page = page.submit("Import all rows")
    work()
    assert counts(jan.get(page.url)) == [3, 0, 0, 0]
    assert [row[3] for row in base(app, dialers[0])] == ["excluded", "waiting", "waiting"]
    assert progress(jan.get(page_of(dialers[0]))) == [3, 2, 0, 0, 0, 1, 0]


def test_the_wall_stands_before_bases(app, centre, dialers, jan, visitor, work):
    page = jan.get("/imports/base/new")
    assert page.texts("select[name=dialer] option") == ["Ankieta – Care PL", "Kampania – Care PL"]
    file = (io.BytesIO(ROWS.encode()), "x.csv")
    sent = {"dialer": str(dialers[2].id), "country": "PL", "file": file}
    page = jan.send(
        "POST", "/imports/base/new", data={**sent, "csrf_token": jan.token()}, status=422
    )
    assert page.errors() == {"Dialer": "Not a valid choice."}
    assert base(app, dialers[2]) == []
    other = visitor(centre.other.email)
    imported(jan, ROWS, work, **INTO)
    assert other.get(page_of(dialers[0]), status=404).status == 404
    assert visitor(centre.operator.email).get(page_of(dialers[0]), status=403).status == 403


def test_a_dialer_that_moves_away_meanwhile_gets_nothing(app, centre, dialers, jan, work):
    page = upload(jan, ROWS, **INTO).submit("Go on to the preview").submit("Import all rows")
    with factories.building(app, of=centre.admin):
        db.session.merge(dialers[0]).project_id = centre.shop.id
    work()
    assert base(app, dialers[0]) == []
    assert "This dialer is no longer here." in jan.get(page.url).text


def test_the_numbers_come_page_by_page(app, centre, dialers, jan, work):
    rows = "numer\n" + "\n".join(f"512345{number:03}" for number in range(120))
    assert counts(imported(jan, rows, work, **INTO)) == [120, 0, 0, 0]
    seen, page = [], jan.get(page_of(dialers[0]))
    for _number in range(5):
        found = page.rows("#list table")
        seen += [row[0] for row in found if row[0].startswith("+")]
        more = page.all("tr.more-row a")
        if not more:
            break
        page = jan.get(more[0].attributes["href"])
    assert seen == [f"+48512345{number:03}" for number in range(120)]


def test_a_dialer_that_is_deleted_takes_its_numbers_along(app, centre, dialers, jan, work):
    imported(jan, ROWS, work, **INTO)
    jan.get(f"/objects/dialers/{dialers[0].id}").submit("Delete")
    assert base(app, dialers[0]) == []
