"""The wizard through its pages: numbers into a list, people into the company."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from portal.extensions import db
from portal.objects.numbers.models import NumberListEntry
from tests import factories
from tests.imports.conftest import ROWS, counts, upload


def entries(app, one):
    with factories.building(app, of=one):
        query = select(NumberListEntry).where(NumberListEntry.list_id == one.id)
        rows = db.session.scalars(query.order_by(NumberListEntry.number))
        return [(row.number, row.label, row.expires_on) for row in rows]


def test_numbers_into_a_list_step_by_step(app, centre, jan, work):
    page = upload(jan, ROWS, List="Niechciane – Care PL", Country="Poland")
    assert page.heading == "numery.csv"
    assert page.rows("table")[0] == ["2", "512 345 460", "Łucja Żółć", "31.12.2026"]
    page = page.submit("Go on to the preview")
    assert page.rows("#preview table") == [
        ["2", "512 345 460", "Łucja Żółć", "31.12.2026", "Will be added"],
        ["3", "+90 532 123 45 67", "=1+1", "", "Will be added"],
    ]
    page = page.submit("Import all rows")
    assert entries(app, centre.blocked) == []
    assert work() == 1
    page = jan.get(page.url)
    assert counts(page) == [2, 0, 0, 0]
    assert entries(app, centre.blocked) == [
        ("+48512345460", "Łucja Żółć", dt.date(2026, 12, 31)),
        ("+905321234567", "=1+1", None),
    ]
    page = page.click("Look at the result")
    assert page.rows("#list table") == [
        ["+48512345460", "Łucja Żółć", "Dec 31, 2026", ""],
        ["+905321234567", "=1+1", "–", ""],
    ]
