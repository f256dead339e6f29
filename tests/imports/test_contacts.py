"""Contacts into the CRM: the own fields of a project, numbers that are known, and the wall."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.crm.models import Contact, ContactValue
from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.projects.models import Project
from tests import factories
from tests.crm.conftest import contact
from tests.imports.conftest import counts, imported, upload

NASTY = "Łucja \"<img src=x onerror=alert(1)>\" 'İş'"
HEAD = "Klient;Telefon;Urodziny;Taryfa;Zgoda\n"
ROWS = HEAD + f'"{NASTY.replace(chr(34), chr(34) * 2)}";512 345 460;1.2.1990;złota;tak\n'
ROWS += "=1+1;+90 532 123 45 67;;;\n"
INTO = {"target": "contacts", "Project": "Care PL"}


@pytest.fixture
def fields(app, centre):
    """Give fields of each project: Care has three and shares one of them."""
    with factories.building(app, of=centre.admin):
        care, shop = centre.care, centre.shop
        return {
            "day": factories.make_object("contact-fields", "Urodziny", care, type="date"),
            "tariff": factories.make_object(
                "contact-fields", "Taryfa", care, shop, type="choice", choices=["Złota", "Srebrna"]
            ),
            "agreed": factories.make_object("contact-fields", "Zgoda", care, type="yes_no"),
            "theirs": factories.make_object("contact-fields", "Poliçe", shop),
        }


def contacts(app, centre):
    """Return all contacts of the company with their projects and values, by name."""
    with factories.building(app, of=centre.admin):
        link, found = Contact.Link, []
        fields = {one.id: one.name for one in db.session.scalars(select(ContactField))}
        projects = {one.id: one.name for one in db.session.scalars(select(Project))}
        for one in db.session.scalars(select(Contact).order_by(Contact.search_key, Contact.id)):
            links = db.session.scalars(select(link.project_id).where(link.object_id == one.id))
            query = select(ContactValue).where(ContactValue.contact_id == one.id)
            values = {fields[v.field_id]: v.value for v in db.session.scalars(query)}
            found.append((one.name, one.phone_key, sorted(projects[p] for p in links), values))
        return found


LUCJA = (
    NASTY, "+48512345460", ["Care PL"],
    {"Urodziny": "1990-02-01", "Taryfa": "Złota", "Zgoda": "yes"},
)  # fmt: skip
SUM = ("=1+1", "+905321234567", ["Care PL"], {})


def test_contacts_come_with_the_fields_of_their_project(app, centre, fields, jan, work):
    page = upload(jan, ROWS, **INTO, Country="Poland")
    assert page.texts("#columns label")[:5] == ["Name", "Phone", "Taryfa", "Urodziny", "Zgoda"]
    page = page.submit("Go on to the preview")
    row = [NASTY, "512 345 460", "złota", "1.2.1990", "tak", "Will be added"]
    assert page.rows("#preview table")[0] == ["2", *row]
    page = page.submit("Import all rows")
    work()
    page = jan.get(page.url)
    assert counts(page) == [2, 0, 0, 0]
    assert contacts(app, centre) == [SUM, LUCJA]
    page = page.click("Look at the result")
    assert [row[0] for row in page.rows("table")] == ["=1+1", NASTY]


def test_the_same_file_again_adds_nothing_and_values_are_changed(app, centre, fields, jan, work):
    assert counts(imported(jan, ROWS, work, **INTO)) == [2, 0, 0, 0]
    assert counts(imported(jan, ROWS, work, **INTO)) == [0, 0, 2, 0]
    assert contacts(app, centre) == [SUM, LUCJA]
    other = HEAD + "Another name;0048 512 345 460;;srebrna;\n"
    assert counts(imported(jan, other, work, **INTO)) == [0, 1, 0, 0]
    changed = (*LUCJA[:3], {**LUCJA[3], "Taryfa": "Srebrna"})
    assert contacts(app, centre) == [SUM, changed]


def test_values_are_checked_by_their_type_and_told_with_the_reason(app, centre, fields, jan, work):
    rows = HEAD + "A;512345461;31.02.1990;;\nB;512345462;;platinum;\nC;512345463;;;maybe\n"
    rows += "D;nobody;;;\n;512345464;;;\nE;512345465;;;\nF;+48512345465;;;\n"
    page = imported(jan, rows, work, **INTO)
    assert counts(page) == [1, 0, 0, 6]
    assert [row[:2] for row in page.rows()] == [
        ["2", "Urodziny: This is not a date."],
        ["3", "Taryfa: Choose one of those offered."],
        ["4", "Zgoda: Choose one of those offered."],
        ["5", "This is not a telephone number."],
        ["6", "Name is missing."],
        ["8", "This number stands in the file before."],
    ]
    assert contacts(app, centre) == [("E", "+48512345465", ["Care PL"], {})]


def test_a_contact_of_a_project_that_one_does_not_see_never_shows(
    app, centre, fields, jan, visitor, work
):
    with factories.building(app, of=centre.admin):
        theirs = fields["theirs"], fields["tariff"]
        values = [(theirs[0], "secret"), (theirs[1], "Srebrna")]
        contact("Gizli Müşteri", centre.shop, phone="+48512345460", values=values)
    before = contacts(app, centre)
    page = upload(jan, ROWS, **INTO).submit("Go on to the preview")
    assert [row[-1] for row in page.rows("#preview table")] == ["Will be added"] * 2
    assert "Gizli" not in page.text
    page = page.submit("Import all rows")
    work()
    assert counts(jan.get(page.url)) == [2, 0, 0, 0]
    assert contacts(app, centre) == [SUM, *before, LUCJA]
    # Who sees both projects puts the number that is known into the other one.
    with factories.building(app, of=centre.admin):
        both = factories.user("Both", role="supervisor", projects=[centre.care, centre.shop])
    rows = "Klient;Telefon;Poliçe\nX;+905321234567;P-1\n"
    page = imported(visitor(both.email), rows, work, target="contacts", Project="Sklep Żabka")
    assert counts(page) == [0, 1, 0, 0]
    joined = ("=1+1", "+905321234567", ["Care PL", "Sklep Żabka"], {"Poliçe": "P-1"})
    assert contacts(app, centre) == [joined, *before, LUCJA]


def test_fields_that_one_may_not_fill_in_are_no_columns(app, centre, fields, visitor, work):
    with factories.building(app, of=centre.admin):
        role = centre.supervisor.role_id
        field = db.session.get_one(ContactField, (centre.admin.company_id, fields["day"].id))
        field.read_only_for = [str(role)]
        field = db.session.get_one(ContactField, (centre.admin.company_id, fields["agreed"].id))
        field.hidden_from = [str(role)]
    jan = visitor(centre.supervisor.email)
    page = upload(jan, ROWS, **INTO)
    assert page.texts("#columns label")[:3] == ["Name", "Phone", "Taryfa"]
    forged = {f"field_{fields['day'].id.hex}": "2", f"field_{fields['theirs'].id.hex}": "3"}
    sent = {"name": "0", "phone": "1", f"field_{fields['tariff'].id.hex}": "", "keep": ""}
    jan.send("POST", page.path, data={**sent, **forged, "csrf_token": jan.token()})
    page = jan.get(page.path.replace("columns", "preview")).submit("Import all rows")
    work()
    assert contacts(app, centre) == [SUM, (*LUCJA[:3], {})]


def test_only_own_projects_are_offered_and_no_other_is_taken(app, centre, fields, jan):
    page = jan.get("/imports/contacts/new")
    assert page.texts("select[name=project] option") == ["Care PL"]
    file = (io.BytesIO(ROWS.encode()), "x.csv")
    sent = {"project": str(centre.shop.id), "country": "PL", "file": file}
    sent["csrf_token"] = jan.token()
    page = jan.send("POST", "/imports/contacts/new", data=sent, status=422)
    assert page.errors() == {"Project": "Not a valid choice."}
    assert contacts(app, centre) == []


def test_one_entry_of_the_project_tells_the_import(app, centre, fields, jan, work):
    imported(jan, ROWS, work, **INTO)
    with factories.building(app, of=centre.admin):
        query = select(AuditEntry).where(AuditEntry.kind == "contact")
        (entry,) = db.session.scalars(query)
        assert (entry.action, entry.project_id) == ("imported", centre.care.id)
        assert entry.detail["rows_new"] == 2
    assert "Jan Kowalski imported contacts from numery.csv" in jan.get("/activity").text
